"""
MiniStack, with four parts of IAM that it lacks, so that these grants are enforced as in AWS, one of CloudFormation and
three of S3:

- A statement needs the action of its verb on the table that it names; BatchExecuteStatement is not an action.
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
- `dynamodb:LeadingKeys` has the partition keys that a request names. Here those of a batch of statements are judged
  together, which allows less than AWS: there each statement is judged by itself.
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
- `aws:PrincipalArn` of an assumed role is the role's ARN, not that of the session.
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
- `s3:ExistingObjectTag` has the tags of an object whose tags or attributes are read or changed, as it has of one that is
  read. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
- What did not change in a nested stack keeps its attributes: without them, no other resource of it could be updated.
- A copy of an object is answered with the SHA-256 of its content, if the request asks for it.
  https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
- A part of an upload that is copied has the checksum that the upload asks for, as one that is written has.
  https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
- An upload with a part of less than 5 MiB that is not its last one cannot be completed.
  https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
"""

import base64
import hashlib
import json
import re

from ministack.app import main
from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb, iam, s3
from ministack.services.cloudformation import provisioners

STATEMENTS = ("dynamodb:BatchExecuteStatement", "dynamodb:ExecuteStatement")
VERBS = {"INSERT": "PartiQLInsert", "UPDATE": "PartiQLUpdate", "DELETE": "PartiQLDelete", "SELECT": "PartiQLSelect"}
EQUALITY = re.compile(r"(#?\w+)\s*=\s*(:\w+)")

TAGGED = {f"s3:{verb}Object{version}Tagging" for verb in ("Get", "Put", "Delete") for version in ("", "Version")}
TAGGED |= {"s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"}

LEAST_PART = 5 * 1024**2
NAMED = re.compile(rb"<PartNumber>(\d+)</PartNumber>")

transaction_checks = iam_actions.dynamodb_transaction_checks
service_context = iam_actions.dynamodb_service_context
s3_context = iam_actions.s3_service_context
condition_key = iam_evaluator._resolve_condition_key
copy_object = s3._copy_object
copy_part = s3._upload_part_copy
complete = s3._complete_multipart_upload


def checks(action, body, region, account):
    """An action and a table for each statement. One that cannot be read leaves the request without a check: denied."""
    if action not in STATEMENTS:
        return transaction_checks(action, body, region, account)
    try:
        parsed = [parse(statement) for statement in statements_of(json.loads(body))]
        return [
            ("dynamodb:" + VERBS[each["op"]], f"arn:aws:dynamodb:{region}:{account}:table/{each['table']}")
            for each in parsed
        ]
    except (ValueError, KeyError):
        return []


def context(body):
    found = service_context(body)
    try:
        keys = leading_keys(json.loads(body))
    except ValueError:
        return found
    return {**found, "dynamodb:LeadingKeys": keys} if keys else found


def leading_keys(request):
    """As text. A scan names none."""
    keys = []

    def add(table, attributes):
        name = (dynamodb._tables.get(table.split("/")[-1]) or {}).get("pk_name")
        keys.extend(text for value in [attributes.get(name)] if value for text in value.values())

    table = request.get("TableName", "")
    for attributes in (request.get("Key"), request.get("Item"), equalities(request)):
        add(table, attributes or {})
    for table, asked in request.get("RequestItems", {}).items():
        for attributes in asked["Keys"] if "Keys" in asked else map(written, asked):
            add(table, attributes)
    for statement in statements_of(request):
        each = parse(statement)
        named = {name: value for name, verb, value in each.get("conditions") or [] if verb == "="}
        add(each["table"], each.get("item") or named)
    return keys


def equalities(query):
    names, values = query.get("ExpressionAttributeNames", {}), query.get("ExpressionAttributeValues", {})
    pairs = EQUALITY.findall(query.get("KeyConditionExpression", ""))
    return {names.get(name, name): values.get(value) for name, value in pairs}


def written(request):
    return request["PutRequest"]["Item"] if "PutRequest" in request else request["DeleteRequest"]["Key"]


def statements_of(request):
    return request.get("Statements") or ([request] if "Statement" in request else [])


def parse(statement):
    return dynamodb._parse_partiql(statement["Statement"], statement.get("Parameters", []))


def with_tags(action, query, path="", headers=None):
    found = s3_context(action, query, path, headers)
    if action not in TAGGED:
        return found
    return {**found, **iam_actions._s3_object_context(action, query or {}, path, headers or {})}


def with_role(key, context):
    found = condition_key(key, context)
    if key.lower() != "aws:principalarn" or ":assumed-role/" not in found:
        return found
    role = iam._roles.get_scoped(found.split(":")[4], None, found.split("/")[1])
    return role["Arn"] if role else found


def copied(bucket, key, headers):
    status, answered, body = copy_object(bucket, key, headers)
    if status != 200 or headers.get("x-amz-checksum-algorithm") != "SHA256":
        return status, answered, body
    content = s3._read_body(bucket, key, s3._ensure_bucket(bucket)["objects"][key])
    checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
    added = f"<ChecksumSHA256>{checksum}</ChecksumSHA256><ChecksumType>FULL_OBJECT</ChecksumType></CopyObjectResult>"
    return status, answered, body.replace(b"</CopyObjectResult>", added.encode())


def copied_part(bucket, key, query, headers):
    status, answered, body = copy_part(bucket, key, query, headers)
    upload = s3._multipart_uploads.get(s3._qp(query, "uploadId"), {})
    algorithm = upload.get("checksum_algorithm")
    if status != 200 or not algorithm:
        return status, answered, body
    part = upload["parts"][int(s3._qp(query, "partNumber"))]
    checksum = s3._compute_s3_checksum(algorithm, part["body"])
    part["checksums"] = {algorithm: checksum}
    added = f"<Checksum{algorithm}>{checksum}</Checksum{algorithm}></CopyPartResult>"
    return status, answered, body.replace(b"</CopyPartResult>", added.encode())


def completed(bucket, key, body, query, headers=None):
    parts = s3._multipart_uploads.get(s3._qp(query, "uploadId"), {}).get("parts", {})
    *others, _ = sorted(map(int, NAMED.findall(body))) or [0]
    if any(parts[number]["size"] < LEAST_PART for number in others if number in parts):
        return s3._error("EntityTooSmall", "A part that is not the last one is smaller than 5 MiB.", 400)
    return complete(bucket, key, body, query, headers)


attributes = {}  # By the physical id of a resource.


def remembering(work):
    def call(*args, **kwargs):
        physical_id, found = work(*args, **kwargs)
        if found:
            attributes[physical_id] = found
        return physical_id, found or attributes.get(physical_id, {})

    return call


provisioners._provision_resource = remembering(provisioners._provision_resource)
provisioners._update_resource = remembering(provisioners._update_resource)
s3._copy_object = copied
s3._upload_part_copy = copied_part
s3._complete_multipart_upload = completed
iam_actions.dynamodb_transaction_checks = checks
iam_actions.dynamodb_service_context = context
iam_actions.s3_service_context = with_tags
iam_evaluator._resolve_condition_key = with_role
main()
