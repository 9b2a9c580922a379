"""S3 copies: checksums are computed and reported, and a copy may ask that nothing stands at its target.

AWS names a copy's algorithm in `x-amz-checksum-algorithm`, answers with the checksum in CopyObjectResult and
CopyPartResult, and honours If-Match and If-None-Match for the target (botocore s3: CopyObjectRequest, CopyObjectResult,
CopyPartResult). MiniStack reads only the header of uploads, `x-amz-sdk-checksum-algorithm`, stores a copied part
without a checksum, answers with date and ETag alone, and overwrites.
"""

from __future__ import annotations

from typing import Any

from ministack.services import s3

Answer = tuple[int, dict[str, str], bytes]


def _reported(body: bytes, element: str, checksums: dict[str, str]) -> bytes:
    members = "".join(f"<Checksum{name.upper()}>{value}</Checksum{name.upper()}>" for name, value in checksums.items())
    end = f"</{element}>".encode()
    return body.replace(end, members.encode() + end)


def _copy_object(bucket_name: str, dest_key: str, headers: dict[str, str]) -> Answer:
    bucket = s3._ensure_bucket(bucket_name)
    if bucket is not None:
        refused = s3._check_put_preconditions(headers, bucket["objects"].get(dest_key))
        if refused:
            return refused
    algorithm = headers.get("x-amz-checksum-algorithm", "")
    if algorithm and not headers.get("x-amz-sdk-checksum-algorithm"):
        headers = {**headers, "x-amz-sdk-checksum-algorithm": algorithm}
    status, answer_headers, body = _copy(bucket_name, dest_key, headers)
    if status != 200:
        return status, answer_headers, body
    record = s3._ensure_bucket(bucket_name)["objects"][dest_key]
    checksums = record.setdefault("checksums", {})
    wanted = algorithm.upper().replace("_", "")
    # An object has one checksum: the algorithm asked for takes the place of the source's. In place, because the index
    # of versions holds the same dictionary.
    for name in [name for name in checksums if wanted and name.upper() != wanted]:
        del checksums[name]
    return status, answer_headers, _reported(body, "CopyObjectResult", checksums)


def _upload_part_copy(bucket_name: str, dest_key: str, query_params: dict[str, Any],
                      headers: dict[str, str]) -> Answer:
    status, answer_headers, body = _copy_part(bucket_name, dest_key, query_params, headers)
    if status != 200:
        return status, answer_headers, body
    upload = s3._multipart_uploads[s3._qp(query_params, "uploadId")]
    part = upload["parts"][int(s3._qp(query_params, "partNumber"))]
    # A copied part takes the algorithm named when the upload was created; the request has no field for one.
    checksums, refused = s3._resolve_part_checksums(part["body"], {}, upload)
    if refused:
        return refused
    part["checksums"] = checksums
    return status, answer_headers, _reported(body, "CopyPartResult", checksums)


_copy, _copy_part = s3._copy_object, s3._upload_part_copy


def install() -> None:
    s3._copy_object = _copy_object
    s3._upload_part_copy = _upload_part_copy
