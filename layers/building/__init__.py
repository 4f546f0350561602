"""How the shipped Jingning is made from tables of facts; one module a subject."""
