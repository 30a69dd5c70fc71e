# For sed -E: what Firmware-config says of its own files, in the words of a machine that has the packages. Tools/package applies it to
# examples, units, rules and manual pages, and refuses to pack what still names a folder of the sources.
s,/path/to/Firmware-config/scenarios,/usr/share/doc/fieldproof/examples/scenarios,g
s,(^|[^/A-Za-z])systemd/drop-ins/,\1/usr/share/doc/fieldproof-agent/examples/drop-ins/,g
s,(^|[^/A-Za-z])systemd/drop-ins says,\1/usr/share/doc/fieldproof-agent/examples/drop-ins says,g
s,those in 'drop-ins',those in /usr/share/doc/fieldproof-agent/examples/drop-ins,
s,(^|[^/A-Za-z])systemd/(fieldproof-[a-z]+\.service),\1/usr/lib/systemd/system/\2,g
s,(^|[^/A-Za-z])udev/60-fieldproof,\1/usr/lib/udev/rules.d/60-fieldproof,g
s,(^|[^/A-Za-z])(agents|sensor-nodes)/([a-z]),\1/usr/share/doc/fieldproof-agent/examples/\2/\3,g
s,(^|[^/A-Za-z])broker/([a-z]),\1/usr/share/doc/@PACKAGE@/examples/broker/\2,g
# Each package has the user of both, under its own name.
s,(^|[^/A-Za-z])(systemd/)?fieldproof\.sysusers,\1/usr/lib/sysusers.d/@PACKAGE@.conf,g
s,/usr/lib/sysusers\.d/fieldproof\.conf,/usr/lib/sysusers.d/@PACKAGE@.conf,g
