# rhel/: the package for Fedora, RHEL and their relatives.
EXTRA_DIST += rhel/mobula.spec.in
