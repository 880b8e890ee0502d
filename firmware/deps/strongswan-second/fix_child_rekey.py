"""Inserts the two fixes of 6.1.0 into child_rekey.c of 6.0.1, each at its one place.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pathlib
import re
import sys

path = pathlib.Path(sys.argv[1])
text = path.read_text()
start = re.search(r"METHOD\(task_t, build_r, status_t,", text).end()
rekeyed = "this->child_sa->set_state(this->child_sa, CHILD_REKEYED);"
place = text.index(rekeyed, start) + len(rekeyed)
forget = """
\t\t{
\t\t\tchild_sa_t *earlier = this->child_sa->get_rekey_sa(this->child_sa);

\t\t\tif (earlier)
\t\t\t{
\t\t\t\tearlier->set_rekey_sa(earlier, NULL);
\t\t\t}
\t\t}"""
text = text[:place] + forget + text[place:]
migrate = re.search(r"METHOD\(task_t, migrate, void,", text).end()
destroy = re.compile(r"array_destroy\(this->deleted_spis\);")
match = destroy.search(text, migrate)
text = text[:match.end()] + "\n\tthis->deleted_spis = NULL;" + text[match.end():]
path.write_text(text)
print("fixed", path)
