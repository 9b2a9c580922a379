"""S3: CopyObject computes the checksum that it is asked for, and reports it.

AWS names the algorithm of a copy in `x-amz-checksum-algorithm` and answers with the checksum in `CopyObjectResult` (botocore
s3, CopyObjectRequest and CopyObjectResult); MiniStack reads only the header of uploads, `x-amz-sdk-checksum-algorithm`, and
answers with date and ETag alone.
"""

from __future__ import annotations

_END = b"</CopyObjectResult>"


def install() -> None:
    from ministack.services import s3

    original = s3._copy_object

    def copy_object(bucket_name: str, dest_key: str, headers: dict):
        algorithm = headers.get("x-amz-checksum-algorithm")
        if algorithm and not headers.get("x-amz-sdk-checksum-algorithm"):
            headers = {**headers, "x-amz-sdk-checksum-algorithm": algorithm}
        status, answer_headers, body = original(bucket_name, dest_key, headers)
        if status != 200:
            return status, answer_headers, body
        record = s3._ensure_bucket(bucket_name)["objects"][dest_key]
        wanted = (algorithm or "").upper().replace("_", "")
        # An object has one checksum: the algorithm asked for takes the place of the source's.
        checksums = {name: value for name, value in (record.get("checksums") or {}).items() if name.upper() == (wanted or name.upper())}
        record["checksums"] = checksums
        members = "".join(f"<Checksum{name.upper()}>{value}</Checksum{name.upper()}>" for name, value in checksums.items())
        return status, answer_headers, body.replace(_END, members.encode() + _END)

    s3._copy_object = copy_object
