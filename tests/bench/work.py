"""What every way has to do on every host: one file, checked before, activated and verified after."""

from __future__ import annotations

from dataclasses import dataclass

PATH = "/etc/rackdesk-bench.conf"
ACTIVE = "/run/rackdesk-bench.active"
SECONDS = 60

# What a careful operator writes by hand, and no more: one at a time, not over somebody else's edit, checked before,
# the old file kept, put back where it does not hold, on disk before it is called done.
SCRIPT = """\
set -eu
umask 022
file={path} new={path}.new old={path}.old
put_back() {{ mv -f "$old" "$file"; cp "$file" {active}; exit 4; }}
exec 9>>/run/rackdesk-bench.lock
flock -n 9 || exit 2
[ "$(sha256sum <"$file")" = "{seen}  -" ] || exit 3
cat >"$new" <<'END'
{content}END
chown root:root "$new"
chmod 0644 "$new"
[ "$(sha256sum <"$new")" = "{wanted}  -" ]
timeout {seconds} {check}
cp -p "$file" "$old"
sync "$new" "$old" /etc
mv "$new" "$file"
timeout {seconds} {activate} || put_back
timeout {seconds} {verify} || put_back
sync /etc
"""

PLAYBOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: file
      copy:
        src: "{source}"
        dest: {path}
        owner: root
        group: root
        mode: "0644"
        validate: {check}
      notify: [activate, verify]
  handlers:
    - name: activate
      command: {activate}
    - name: verify
      command: {verify}
"""


@dataclass(frozen=True)
class Work:
    """One round of it. `serial` makes each round's file another one."""

    serial: int

    @property
    def content(self) -> bytes:
        lines = [f"serial={self.serial}", *(f"option{n:03} = value {n * self.serial}" for n in range(80))]
        return "".join(f"{line}\n" for line in lines).encode()

    def check(self, path: str) -> str:
        return f"grep -q ^serial= {path}"

    @property
    def activate(self) -> str:
        return f"cp {PATH} {ACTIVE}"

    @property
    def verify(self) -> str:
        return f"grep -q ^serial={self.serial}$ {ACTIVE}"
