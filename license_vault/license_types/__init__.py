"""License types (GB/T 36902): what they are, and the folders of plain files that say so."""
