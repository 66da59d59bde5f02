# Documentation/: manual pages and guides.

# mobula.yml(5): all configuration files.
EXTRA_DIST += Documentation/mobula.yml.5.in
man_MANS += Documentation/mobula.yml.5
CLEANFILES += Documentation/mobula.yml.5
Documentation/mobula.yml.5: Documentation/mobula.yml.5.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	  $(SED) -e 's,[@]VERSION[@],$(VERSION),g' \
	    $(srcdir)/Documentation/mobula.yml.5.in > $@.tmp && mv $@.tmp $@
