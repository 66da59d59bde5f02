# Configure checks of Mobula: where OVS's library is, warnings, sanitizers.

# MOBULA_CHECK_OVS
#
# Finds a built Open vSwitch source tree (--with-ovs-source=DIR, by default
# _build/ovs, where utilities/bootstrap puts it).  The private headers that we
# need (ovsdb-idl.h, unixctl.h, ...) are in no installed package.
AC_DEFUN([MOBULA_CHECK_OVS], [
  AC_ARG_WITH([ovs-source],
    [AS_HELP_STRING([--with-ovs-source=DIR],
       [built Open vSwitch source tree (default: _build/ovs)])],
    [OVS_SRC=$withval], [OVS_SRC=$(pwd)/_build/ovs])
  AC_MSG_CHECKING([for libopenvswitch])
  case $OVS_SRC in
    /*) ;;
    *) OVS_SRC=$(pwd)/$OVS_SRC ;;
  esac
  ovs_lib=$OVS_SRC/lib/.libs/libopenvswitch.a
  if test ! -e "$ovs_lib"; then
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([$ovs_lib does not exist: run utilities/bootstrap, or give the
directory of a built Open vSwitch with --with-ovs-source=DIR])
  fi
  AC_MSG_RESULT([$ovs_lib])
  OVS_CPPFLAGS="-isystem $OVS_SRC/include -isystem $OVS_SRC/lib -isystem $OVS_SRC"
  OVS_LIBS="$ovs_lib"
  if test -e "$OVS_SRC/lib/.libs/libopenvswitchavx512.a"; then
    OVS_LIBS="$OVS_LIBS $OVS_SRC/lib/.libs/libopenvswitchavx512.a"
  fi
  # libopenvswitch is static: what it was configured to link, we link.
  ovs_deps=$($SED -n 's/^LIBS = //p' "$OVS_SRC/Makefile" | head -n 1)
  OVS_LIBS="$OVS_LIBS $ovs_deps -lpthread -lrt"
  AC_SUBST([OVS_SRC])
  AC_SUBST([OVS_CPPFLAGS])
  AC_SUBST([OVS_LIBS])
])

# MOBULA_ENABLE_WERROR: --enable-Werror makes every warning an error.
AC_DEFUN([MOBULA_ENABLE_WERROR], [
  AC_ARG_ENABLE([Werror],
    [AS_HELP_STRING([--enable-Werror], [make warnings errors])],
    [], [enable_Werror=no])
  AS_IF([test "$enable_Werror" = yes], [WERROR_CFLAGS=-Werror])
  AC_SUBST([WERROR_CFLAGS])
])

# MOBULA_ENABLE_SANITIZERS: --enable-sanitizers adds ASan and UBSan.
AC_DEFUN([MOBULA_ENABLE_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers],
       [build with the address and the undefined behaviour sanitizer])],
    [], [enable_sanitizers=no])
  AS_IF([test "$enable_sanitizers" = yes],
    [SANITIZER_CFLAGS="-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined"])
  AC_SUBST([SANITIZER_CFLAGS])
])

# MOBULA_WARNINGS: the warnings that the tree is free of.
AC_DEFUN([MOBULA_WARNINGS], [
  MOBULA_CFLAGS="-std=gnu11 -Wall -Wextra -Wno-sign-compare -Wpointer-arith \
-Wformat -Wformat-security -Wswitch-enum -Wold-style-definition \
-Wmissing-prototypes -Wstrict-prototypes -Wshadow -fno-strict-aliasing"
  AC_SUBST([MOBULA_CFLAGS])
])

# MOBULA_TRY_FLAG(VARIABLE, KIND, FLAG)
#
# Adds FLAG to VARIABLE if it works as a flag of KIND, CFLAGS or LDFLAGS.  A
# warning about it counts as not working.
AC_DEFUN([MOBULA_TRY_FLAG], [
  AC_MSG_CHECKING([whether the compiler takes $3])
  mobula_saved_cflags=$CFLAGS
  mobula_saved_flags=$$2
  CFLAGS="$CFLAGS -Werror"
  $2="$$2 $3"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [])],
    [AC_MSG_RESULT([yes])
     mobula_flag_works=yes],
    [AC_MSG_RESULT([no])
     mobula_flag_works=no])
  $2=$mobula_saved_flags
  CFLAGS=$mobula_saved_cflags
  AS_IF([test "$mobula_flag_works" = yes], [$1="$$1 $3"])
])

# MOBULA_HARDENING: what makes an error in memory harder to exploit.  Position
# independence is left to the compiler's default, because libopenvswitch has to
# agree.  _FORTIFY_SOURCE hides errors from the sanitizers.
AC_DEFUN([MOBULA_HARDENING], [
  HARDENING_CFLAGS=
  HARDENING_LDFLAGS=
  MOBULA_TRY_FLAG([HARDENING_CFLAGS], [CFLAGS], [-fstack-protector-strong])
  MOBULA_TRY_FLAG([HARDENING_CFLAGS], [CFLAGS], [-fstack-clash-protection])
  MOBULA_TRY_FLAG([HARDENING_CFLAGS], [CFLAGS], [-fcf-protection])
  AS_IF([test "$enable_sanitizers" != yes],
    [MOBULA_TRY_FLAG([HARDENING_CFLAGS], [CFLAGS],
       [-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3])])
  MOBULA_TRY_FLAG([HARDENING_LDFLAGS], [LDFLAGS], [-Wl,-z,relro,-z,now])
  AC_SUBST([HARDENING_CFLAGS])
  AC_SUBST([HARDENING_LDFLAGS])
])

# MOBULA_SYSTEMD: where units go.
AC_DEFUN([MOBULA_SYSTEMD], [
  AC_ARG_WITH([systemdsystemunitdir],
    [AS_HELP_STRING([--with-systemdsystemunitdir=DIR],
       [where systemd units are installed (default: PREFIX/lib/systemd/system,
        no: not at all)])],
    [], [with_systemdsystemunitdir='${prefix}/lib/systemd/system'])
  AC_SUBST([systemdsystemunitdir], [$with_systemdsystemunitdir])
  AM_CONDITIONAL([INSTALL_UNIT],
    [test "$with_systemdsystemunitdir" != no])
])
