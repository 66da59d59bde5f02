# Documentation/: manual pages and guides.
