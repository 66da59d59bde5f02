# debian/: the package for Debian 12.
EXTRA_DIST += \
	debian/changelog \
	debian/control \
	debian/copyright \
	debian/dirs \
	debian/docs \
	debian/examples \
	debian/prerm \
	debian/rules \
	debian/source/format
