"""Several plans on one ledger: carried out in order, held against each other, combined."""
