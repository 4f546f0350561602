"""Open data by name, from files already on the disk; nothing is ever downloaded.

recognition   what each file of a folder is, by content and name
osm/          OpenStreetMap (`.osm.pbf`, `.osm`): roads, townships, seats, facilities, waters …
population    WorldPop and GHS-POP: settlements, nobody lost
land          ESA WorldCover and OpenStreetMap: parcels with codes of the third survey
terrain       Copernicus GLO-30 and SRTM tiles: which of them a county needs
county        a whole county from its outline and such a folder
tables/       which tag or code becomes what; shown here, replaced by `--tables FOLDER`
"""
