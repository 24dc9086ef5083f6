"""Facts about the zip of the rendered pages."""

import os
import zipfile
from io import BytesIO

from neuronlib.reproduction.book.build import archive


def test_the_same_files_make_the_same_zip_whenever_they_were_written(tmp_path):
    zipped = []
    for folder, names in (("one", ["a.html", "b/c.css"]), ("other", ["b/c.css", "a.html"])):
        for seconds, name in enumerate(names):
            file = tmp_path / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)
            file.chmod(0o600 if folder == "one" else 0o644)
            os.utime(file, (1e9 + seconds, 1e9 + seconds))
        zipped.append(archive(tmp_path / folder))
    assert zipped[0] == zipped[1]
    with zipfile.ZipFile(BytesIO(zipped[0])) as read:
        assert {name: read.read(name) for name in read.namelist()} == {
            "book/a.html": b"a.html",
            "book/b/c.css": b"b/c.css",
        }
