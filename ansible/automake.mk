# ansible/: the deployment; deploy.yml at the top is where it starts.
EXTRA_DIST += \
	deploy.yml \
	remove.yml \
	requirements.txt \
	ansible/deploy.yml \
	ansible/remove.yml \
	ansible/roles/mobula/action_plugins/mobula_check.py \
	ansible/roles/mobula/action_plugins/mobula_update.py \
	ansible/roles/mobula/defaults/main.yml \
	ansible/roles/mobula/files/mobula-update \
	ansible/roles/mobula/files/source-tarball \
	ansible/roles/mobula/filter_plugins/mobula.py \
	ansible/roles/mobula/library/mobula_key.py \
	ansible/roles/mobula/module_utils/mobula_x25519.py \
	ansible/roles/mobula/tasks/build-deb.yml \
	ansible/roles/mobula/tasks/build.yml \
	ansible/roles/mobula/tasks/check.yml \
	ansible/roles/mobula/tasks/keys.yml \
	ansible/roles/mobula/tasks/look.yml \
	ansible/roles/mobula/tasks/main.yml \
	ansible/roles/mobula/tasks/remove.yml \
	ansible/roles/mobula/tasks/report.yml \
	ansible/roles/mobula/tasks/update.yml \
	ansible/roles/mobula/vars/Debian.yml \
	ansible/roles/mobula/vars/RedHat.yml \
	ansible/roles/mobula/vars/main.yml
