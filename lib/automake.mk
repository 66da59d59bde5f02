# lib/: plain data of a Mobula network.  Pure (see utilities/check-purity.sh)
# except file-read.c.
noinst_LIBRARIES += lib/libmobula.a
lib_libmobula_a_SOURCES = \
	lib/addr.c \
	lib/addr.h \
	lib/fabric.c \
	lib/fabric.h \
	lib/plan.c \
	lib/plan.h \
	lib/wgkey.h
