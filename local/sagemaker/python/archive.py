"""Packs and unpacks the tar.gz files of SageMaker: `archive.py pack FOLDER FILE`, `archive.py unpack FILE FOLDER`.

Unpacking refuses an archive that would write outside its folder (absolute names, `..`, links that lead out, devices)
rather than skipping such members, so that nothing half unpacked is used.
"""

import os
import sys
import tarfile


class ArchiveError(Exception):
    """The archive cannot be used; the message says why."""


def _leaves(name):
    clean = name.replace("\\", "/")
    return clean.startswith("/") or os.path.splitdrive(clean)[0] != "" or ".." in clean.split("/")


def _inside(folder, path):
    return path == folder or path.startswith(folder + os.sep)


def check(member, folder):
    """Raise ArchiveError unless the member stays below the folder."""
    if _leaves(member.name):
        raise ArchiveError("member %r leads outside the archive's folder" % member.name)
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        raise ArchiveError("member %r is a device or a pipe" % member.name)
    if member.issym() or member.islnk():
        start = folder if member.islnk() else os.path.dirname(os.path.join(folder, member.name))
        target = os.path.normpath(os.path.join(start, member.linkname))
        if os.path.isabs(member.linkname) or not _inside(folder, target):
            raise ArchiveError("member %r links to %r, outside the archive's folder" % (member.name, member.linkname))


def unpack(file, folder):
    """Unpack a tar.gz into a folder, which is made when missing."""
    folder = os.path.realpath(folder)
    os.makedirs(folder, exist_ok=True)
    try:
        with tarfile.open(file, "r:gz") as archive:
            members = archive.getmembers()
            for member in members:
                check(member, folder)
            # The stdlib's own filter (3.12, backported to 3.10.12 and 3.11.4) also drops owners and set-uid bits.
            options = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            archive.extractall(folder, members=members, **options)
    except (tarfile.TarError, EOFError, OSError) as fault:
        raise ArchiveError("not a usable tar.gz: %s" % fault) from fault


def pack(folder, file):
    """Pack a folder's content, names relative to it, sorted. Times are kept, so two packings of one folder are equal."""
    with tarfile.open(file, "w:gz", compresslevel=6) as archive:
        for name in sorted(os.listdir(folder)):
            archive.add(os.path.join(folder, name), arcname=name)


def main(arguments):
    verb, source, target = arguments
    try:
        {"pack": pack, "unpack": unpack}[verb](source, target)
    except (ArchiveError, OSError) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
