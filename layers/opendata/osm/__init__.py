"""OpenStreetMap: features with their tags, and the layers of a county that are made of them."""
