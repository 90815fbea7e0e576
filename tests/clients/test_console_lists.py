"""Previews, thumbnails, lists, drafts and proposals of the web console: docs/reference/console-api.md."""

import io
import json
import re
import struct
import tarfile
from urllib.parse import quote

import numpy
import pytest
from PIL import Image

from conftest import job_request, unique, wait_until_ended
from console import Browser, new_user
from daemon import Daemon

MAGIC = 0xCED7230A


@pytest.fixture
def browser(daemon):
    browser = Browser(daemon.endpoint)
    assert browser.sign_in({"AccessKeyId": daemon.environment["AWS_ACCESS_KEY_ID"],
                            "SecretAccessKey": daemon.environment["AWS_SECRET_ACCESS_KEY"]}).status == 200
    return browser


def picture(color, size=(40, 30), form="PNG"):
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, form)
    return file.getvalue()


def record(payload):
    return struct.pack("<II", MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4)


def image_record(label, number, image):
    return record(struct.pack("<IfQQ", 0, label, number, 0) + image)


# Previews

def preview(browser, bucket, key):
    answer = browser.get(f"/mr/preview/s3/{bucket}/{quote(key)}")
    assert answer.status == 200, answer.body
    return answer.json()


def test_a_preview_tells_each_kind_by_its_bytes(browser, s3, bucket):
    put = lambda key, body: s3.put_object(Bucket=bucket, Key=key, Body=body)
    put("no-extension", picture("red", (64, 48)))
    found = preview(browser, bucket, "no-extension")
    assert (found["Kind"], found["Format"], found["Width"], found["Height"]) == ("image", "png", 64, 48)

    put("a.rec", image_record(3, 7, picture("red")) + image_record(1, 8, picture("blue", form="JPEG")))
    found = preview(browser, bucket, "a.rec")
    assert found["Kind"] == "records"
    assert [(one["Id"], one["Labels"], one["Format"]) for one in found["Records"]] == [(7, [3], "png"), (8, [1], "jpeg")]

    put("a.lst", b"0\t1\ta<b>.jpg\n1\t0\tb.jpg\n")
    found = preview(browser, bucket, "a.lst")
    assert found["Rows"][0] == {"index": 0, "labels": [1], "path": "a<b>.jpg", "line": 1} or \
        found["Rows"][0] == {"index": 0, "labels": [1], "path": "a<b>.jpg"}

    put("a.csv", b'name,"a, b",3\n' * 300)
    found = preview(browser, bucket, "a.csv")
    assert found["Rows"][0] == ["name", "a, b", "3"] and len(found["Rows"]) == 100
    assert found["Sampled"] == "the first 100 lines"

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name in ("model.json", "weights/a.bin"):
            member = tarfile.TarInfo(name)
            member.size = 5
            tar.addfile(member, io.BytesIO(b"12345"))
    put("model.tar.gz", archive.getvalue())
    found = preview(browser, bucket, "model.tar.gz")
    assert [(one["Name"], one["Bytes"]) for one in found["Members"]] == [("model.json", 5), ("weights/a.bin", 5)]

    put("lines.jsonl", b'{"a": 1}\n{"a": 2}\n')
    assert preview(browser, bucket, "lines.jsonl")["Lines"] == ['{"a": 1}', '{"a": 2}']
    put("notes", "Grüße <script>".encode())
    assert preview(browser, bucket, "notes")["Text"] == "Grüße <script>"
    put("noise", bytes(range(256)))
    assert preview(browser, bucket, "noise")["Kind"] == "binary"
    put("empty", b"")
    assert preview(browser, bucket, "empty")["Kind"] == "text"


def test_bytes_that_are_not_what_they_seem_are_told_of(browser, s3, bucket):
    whole = image_record(1, 1, picture("red"))
    for key, body in (("cut.rec", whole[:30]), ("huge.rec", struct.pack("<II", MAGIC, 0x1FFFFFFF)),
                      ("broken.tar.gz", b"\x1f\x8b" + b"x" * 100), ("words.lst", b"this is\nno list\n")):
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        found = preview(browser, bucket, key)
        assert found["Kind"] in ("text", "binary") and found["Problem"], (key, found)
    missing = browser.get(f"/mr/preview/s3/{bucket}/missing")
    assert (missing.status, missing.json()["__type"]) == (404, "ResourceNotFoundException")


# Thumbnails

def atlas(browser, query, headers=None):
    answer = browser.get("/mr/atlas?" + query, headers)
    if answer.status != 200:
        return answer, None, None
    places = [tuple(map(int, place.split())) for place in answer.headers["X-Millrace-Rectangles"].split(",")]
    return answer, numpy.asarray(Image.open(io.BytesIO(answer.body))), places


def test_an_atlas_shows_the_rows_of_a_list(browser, s3, bucket):
    colors = [(255, 0, 0), (0, 255, 0), (0, 0, 255)] * 4
    for i, color in enumerate(colors):
        s3.put_object(Bucket=bucket, Key=f"photos/{i}.jpg", Body=picture(color, (400, 200), "JPEG"))
    s3.put_object(Bucket=bucket, Key="photos/broken.jpg", Body=b"\xff\xd8\xff")
    rows = "".join(f"{i}\t{i % 3}\t{i}.jpg\n" for i in range(12)) + "12\t0\tbroken.jpg\n13\t0\tgone.jpg\n14\t0\t../out.jpg\n"
    s3.put_object(Bucket=bucket, Key="a.lst", Body=rows.encode())
    one = browser.post("/mr/lists", {"Place": f"s3://{bucket}/a.lst"}).json()["Id"]
    query = f"list={one}&root=s3://{bucket}/photos/&size=64"
    answer, pixels, places = atlas(browser, query)
    assert answer.headers["Content-Type"] == "image/jpeg" and pixels.shape == (128, 640, 3)
    assert places[:11] == [(64 * (i % 10), 64 * (i // 10), 64, 32) for i in range(11)]
    assert [place[2:] for place in places[12:]] == [(0, 0)] * 3
    for i, color in enumerate(colors):
        x, y, width, height = places[i]
        assert numpy.abs(pixels[y + height // 2, x + width // 2].astype(int) - color).max() < 40, i

    again = atlas(browser, query, {"If-None-Match": answer.headers["ETag"]})[0]
    assert again.status == 304
    s3.put_object(Bucket=bucket, Key="photos/0.jpg", Body=picture((9, 9, 9), (400, 200), "JPEG"))
    assert atlas(browser, query, {"If-None-Match": answer.headers["ETag"]})[0].status == 200

    _, pixels, places = atlas(browser, query + "&where=label%20%3D%202&n=2&from=1")
    assert len(places) == 2 and numpy.abs(pixels[16, 32].astype(int) - (0, 0, 255)).max() < 40


def test_an_atlas_shows_what_lies_in_a_rec_file(browser, s3, bucket):
    colors = ["red", "lime", "blue", "white"]
    s3.put_object(Bucket=bucket, Key="a.rec", Body=b"".join(
        image_record(i, i, picture(color)) for i, color in enumerate(colors)) + record(b"no picture at all, but long enough"))
    _, pixels, places = atlas(browser, f"rec=s3://{bucket}/a.rec&size=40")
    assert [place[2:] for place in places] == [(40, 30)] * 4 + [(0, 0)]
    for i, color in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]):
        assert numpy.abs(pixels[15, 40 * i + 20].astype(int) - color).max() < 40
    assert atlas(browser, f"rec=s3://{bucket}/a.rec&from=5")[0].status == 204
    s3.put_object(Bucket=bucket, Key="bad.rec", Body=b"no records here")
    assert atlas(browser, f"rec=s3://{bucket}/bad.rec")[0].status == 400


def test_a_file_system_is_read_beneath_its_root_only(daemon, browser, tmp_path):
    root = tmp_path / "pictures"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a.png").write_bytes(picture("red"))
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    system = "fs-0123456789abcdef0"
    daemon.cli("filesystems", "add", system, "--type", "EFS", "--path", str(root))
    found = browser.get(f"/mr/preview?place={system}:/sub/a.png").json()
    assert (found["Kind"], found["Width"]) == ("image", 40)
    for outside in ("../secret.txt", "link.txt", "sub/../../secret.txt"):
        answer = browser.get(f"/mr/preview?place={system}:/{outside}")
        assert answer.status in (400, 403, 404) and b"secret\"" not in answer.body, outside
    assert browser.get(f"/mr/preview?place={system}:/none.png").status == 404
    answer, pixels, _ = atlas(browser, f"root={system}:/&path=sub/a.png&path=link.txt")
    assert answer.status == 200 and numpy.abs(pixels[15, 20].astype(int) - (255, 0, 0)).max() < 40

    (root / "a.lst").write_text("0\t1\ta.png\n")
    one = browser.post("/mr/lists", {"Place": f"{system}:/a.lst"}).json()["Id"]
    draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    browser.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "relabel", "Paths": ["a.png"], "Labels": [5]}]})
    assert browser.post(f"/mr/drafts/{draft}/save", {"Message": "five"}).status == 200
    assert (root / "a.lst").read_text() == "0\t5\ta.png\n"


# Lists

LINES = [f"{i}\t{i % 3}.0\tfolder/{i}.jpg\r\n" if i % 2 else f"{i}\t{i % 3}\tfolder/{i}.jpg\n" for i in range(50)]


@pytest.fixture
def place(s3, bucket):
    s3.put_object(Bucket=bucket, Key="train.lst", Body="".join(LINES).encode())
    return bucket, "train.lst"


def opened(browser, place):
    return browser.post("/mr/lists", {"Place": f"s3://{place[0]}/{place[1]}"}).json()["Id"]


def content(s3, place):
    return s3.get_object(Bucket=place[0], Key=place[1])["Body"].read().decode()


def test_classes_are_called_by_the_folders_of_their_pictures_wherever_they_stand(browser, s3, bucket):
    rows = [(i, 0, f"cat/{i}.jpg") for i in range(6000)] + [(6000, 7, "dog/1.jpg")]
    s3.put_object(Bucket=bucket, Key="named.lst", Body="".join(f"{i}\t{c}\t{p}\n" for i, c, p in rows).encode())
    one = browser.post("/mr/lists", {"Place": f"s3://{bucket}/named.lst"}).json()["Id"]
    for _ in range(2):  # the second time it is known
        about = browser.get(f"/mr/lists/{one}").json()
        assert about["Classes"] == [{"class": 0, "rows": 6000, "name": "cat"}, {"class": 7, "rows": 1, "name": "dog"}]
        assert about["Place"] == f"s3://{bucket}/named.lst" and about["Version"]["Number"] == 1


def test_rows_are_filtered_sorted_and_paged_by_the_server(browser, place):
    one = opened(browser, place)
    page = browser.get(f"/mr/lists/{one}/rows?where={quote('label = 1 and index >= 10')}&sort=index&order=descending&limit=3").json()
    expected = [i for i in range(49, 9, -1) if i % 3 == 1]
    assert [row["index"] for row in page["Rows"]] == expected[:3]
    assert page["Total"] == len(expected) and page["Next"] == 3
    about = browser.get(f"/mr/lists/{one}").json()
    assert about["Rows"] == 50 and {one["class"]: one["rows"] for one in about["Classes"]} == {0: 17, 1: 17, 2: 16}
    assert not any("name" in one for one in about["Classes"]), "all classes share a folder, which names none of them"
    wrong = browser.get(f"/mr/lists/{one}/rows?where=colour")
    assert wrong.status == 400 and "where" in wrong.json()["message"]


def test_edits_are_saved_as_a_version_that_leaves_other_lines_as_they_were(browser, s3, place):
    one = opened(browser, place)
    draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    edit = lambda *edits: browser.post(f"/mr/drafts/{draft}/edits", {"Edits": list(edits)})
    assert edit({"Do": "relabel", "Paths": ["folder/1.jpg", "folder/2.jpg"], "Labels": [7]}).json()["Changed"] == 2
    assert edit({"Do": "remove", "Where": "index >= 45"}).json()["Changed"] == 5
    assert edit({"Do": "add", "Rows": [{"path": "new/<b>.jpg", "labels": [2]}]}).json()["Changed"] == 1
    edit({"Do": "remove", "Paths": ["folder/0.jpg"]})
    assert browser.post(f"/mr/drafts/{draft}/undo", {}).json()["Edits"] == 3
    shown = browser.get(f"/mr/drafts/{draft}").json()
    assert (shown["Counts"]["relabelled"], shown["Counts"]["removed"], shown["Counts"]["added"]) == (2, 5, 1)
    relabelled = browser.get(f"/mr/drafts/{draft}/diff?kind=relabelled").json()["Changes"]
    assert [change["after"]["labels"] for change in relabelled] == [[7], [7]]

    assert edit({"Do": "relabel", "Paths": ["none.jpg"], "Labels": [1]}).status == 400
    assert edit({"Do": "relabel", "Paths": ["folder/3.jpg"], "Labels": [1, 2]}).status == 400
    assert edit({"Do": "remove", "Paths": ["folder/4.jpg"]}, {"Do": "dance"}).status == 400
    assert browser.get(f"/mr/drafts/{draft}").json()["Edits"] == 3

    saved = browser.post(f"/mr/drafts/{draft}/save", {"Message": "sevens"}).json()["Version"]
    assert (saved["Number"], saved["Parent"], saved["Author"], saved["Message"]) == (2, 1, "operator", "sevens")
    # The new row has an index that none had before.
    expected = [LINES[0], "1\t7\tfolder/1.jpg\r\n", "2\t7\tfolder/2.jpg\n", *LINES[3:45], "50\t2\tnew/<b>.jpg\n"]
    text = content(s3, place)
    assert [line.split("\t")[2] for line in text.splitlines(True)] == [line.split("\t")[2] for line in expected]
    assert text.splitlines(True)[3:] == expected[3:]
    history = browser.get(f"/mr/lists/{one}/history").json()["Versions"]
    assert [version["Number"] for version in history] == [2, 1]
    assert history[0]["Counts"]["removed"] == 5
    assert browser.get(f"/mr/lists/{one}@1/text").body.decode() == "".join(LINES)
    diff = browser.get(f"/mr/lists/diff?a={one}@1&b={one}@2&limit=3").json()
    assert diff["Total"] == 8 and len(diff["Changes"]) == 3
    assert browser.get(f"/mr/drafts/{draft}").status == 404


def test_a_change_from_elsewhere_is_a_version_too_and_is_merged_with(browser, s3, place):
    one = opened(browser, place)
    begin = lambda: browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    mine, clash = begin(), begin()
    for draft, path in ((mine, "folder/1.jpg"), (clash, "folder/5.jpg")):
        browser.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "relabel", "Paths": [path], "Labels": [9]}]})
    theirs = [line.replace("\t2.0\tfolder/5.jpg", "\t8\tfolder/5.jpg") for line in LINES]
    assert theirs != LINES
    s3.put_object(Bucket=place[0], Key=place[1], Body="".join(theirs).encode())

    saved = browser.post(f"/mr/drafts/{mine}/save", {"Message": "mine"}).json()["Version"]
    assert saved["Number"] == 3  # theirs became the second
    lines = content(s3, place).splitlines()
    assert lines[1].split("\t")[1] == "9" and lines[5].split("\t")[1] == "8"
    assert browser.get(f"/mr/lists/{one}/history").json()["Versions"][1]["Author"] == "(changed elsewhere)"

    conflict = browser.post(f"/mr/drafts/{clash}/save", {"Message": "clash"})
    assert conflict.status == 409
    (row,) = conflict.json()["Conflicts"]
    assert row["Kind"] == "labels" and (row["ours"]["labels"], row["theirs"]["labels"]) == ([9], [8])
    settled = browser.post(f"/mr/drafts/{clash}/save", {"Message": "clash", "Prefer": "ours"})
    assert settled.status == 200
    assert content(s3, place).splitlines()[5].split("\t")[1] == "9"


def test_classes_are_remapped(browser, s3, place):
    one = opened(browser, place)
    draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    answer = browser.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "remap", "Mapping": "2 -> 1\n0 -> drop\n"}]})
    assert answer.json()["Rows"] == 33, answer.body
    browser.post(f"/mr/drafts/{draft}/save", {"Message": "one class"})
    assert {line.split("\t")[1] for line in content(s3, place).splitlines()} <= {"1", "1.0"}


def test_a_proposal_needs_somebody_else_s_approval(daemon, browser, s3, place):
    ana_name, ana = new_user(daemon, "--administrator")
    bo_name, bo = new_user(daemon, "--administrator")
    one = opened(ana, place)
    draft = ana.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    assert bo.get(f"/mr/drafts/{draft}").status == 404
    ana.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "remove", "Paths": ["folder/0.jpg"]}]})
    proposal = ana.post(f"/mr/drafts/{draft}/propose", {"Title": "<b>without 0</b>"}).json()
    path = f"/mr/proposals/{proposal['Id']}"
    assert proposal["Author"] == ana_name and not proposal["Approved"]
    assert ana.post(path + "/approve", {}).status == 403
    assert ana.post(path + "/merge", {}).status == 409
    assert bo.get(path + "/diff").json()["Counts"]["removed"] == 1
    bo.post(path + "/comments", {"Text": "Why?"})
    assert bo.post(path + "/approve", {}).json()["Approved"]
    assert content(s3, place) == "".join(LINES)
    merged = ana.post(path + "/merge", {}).json()
    assert (merged["Status"], merged["Version"]) == ("merged", 2)
    assert content(s3, place) == "".join(LINES[1:])
    assert [comment["Text"] for comment in merged["Comments"]] == ["Why?"]
    assert ana.post(path + "/merge", {}).status == 409
    listed = ana.get("/mr/proposals?status=merged").json()["Proposals"]
    assert proposal["Id"] in [one["Id"] for one in listed]
    last = browser.get(f"/mr/lists/{one}/history").json()["Versions"][0]
    assert last["Author"] == ana_name and bo_name not in last["Message"]


def test_an_earlier_version_is_restored_byte_for_byte(browser, s3, place):
    one = opened(browser, place)
    draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    browser.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "remove", "Where": "index < 40"}]})
    browser.post(f"/mr/drafts/{draft}/save", {"Message": "too few"})
    restored = browser.post(f"/mr/lists/{one}@1/restore", {"Message": "as before"}).json()["Version"]
    assert (restored["Number"], restored["Author"], restored["Message"]) == (3, "operator", "as before")
    assert content(s3, place) == "".join(LINES)
    assert browser.post(f"/mr/lists/{one}@9/restore", {"Message": "none"}).status == 404


@pytest.mark.parametrize("left", [None, b"no list at all\n"], ids=["deleted", "overwritten"])
def test_what_was_made_of_a_list_outlives_its_file(daemon, browser, s3, place, left):
    was = content(s3, place)
    one = opened(browser, place)
    draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    bucket, key = place
    if left is None:
        s3.delete_object(Bucket=bucket, Key=key)
    else:
        s3.put_object(Bucket=bucket, Key=key, Body=left)
    assert browser.get(f"/mr/lists/{one}").status == (404 if left is None else 400)
    assert browser.get(f"/mr/drafts/{draft}/rows").json()["Total"] == len(was.splitlines())
    assert [version["Number"] for version in browser.get(f"/mr/lists/{one}/history").json()["Versions"]] == [1]
    assert browser.post(f"/mr/drafts/{draft}/copy", {"Place": f"s3://{bucket}/copy.lst"}).status == 200
    assert content(s3, (bucket, "copy.lst")) == was

    s3.create_bucket(Bucket=(other := unique("other")))
    _, stranger = new_user(daemon, "--bucket", other)
    assert stranger.get(f"/mr/lists/{one}/history").status == 403
    assert stranger.get(f"/mr/lists/{one}@1/text").status == 403

    restored = browser.post(f"/mr/lists/{one}@1/restore", {"Message": "as before"}).json()["Version"]
    assert (restored["Number"], restored["Message"]) == (2, "as before")
    assert content(s3, place) == was
    assert browser.get(f"/mr/lists/{one}").status == 200


def test_a_draft_is_copied_to_a_place_where_nothing_is_yet(browser, s3, place):
    one = opened(browser, place)
    draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    browser.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "remove", "Paths": ["folder/0.jpg"]}]})
    copy = browser.post(f"/mr/drafts/{draft}/copy", {"Place": f"s3://{place[0]}/copy.lst", "Message": "a copy"}).json()
    assert content(s3, (place[0], "copy.lst")) == "".join(LINES[1:]) and content(s3, place) == "".join(LINES)
    (first,) = browser.get(f"/mr/lists/{copy['Id']}/history").json()["Versions"]
    assert (first["Number"], first["Author"], first["Message"]) == (1, "operator", "a copy")
    assert browser.get(f"/mr/drafts/{draft}").json()["Edits"] == 1
    taken = browser.post(f"/mr/drafts/{draft}/copy", {"Place": f"s3://{place[0]}/copy.lst", "Message": "again"})
    assert taken.status == 409, taken.body


def test_what_is_wrong_with_a_list_is_told_by_line(browser, s3, place):
    twice = "".join(LINES) + "7\t1\tfolder/3.jpg\n"
    s3.put_object(Bucket=place[0], Key=place[1], Body=twice.encode())
    one = opened(browser, place)
    found = browser.get(f"/mr/lists/{one}/problems").json()
    assert {(problem["Line"], problem["Rule"]) for problem in found["Problems"]} == {(51, "index"), (51, "path")}
    assert found["Total"] == 2
    page = browser.get(f"/mr/lists/{one}/problems?from=1&limit=1").json()
    assert page["Total"] == 2 and len(page["Problems"]) == 1
    draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    browser.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "remove", "Where": "line = 51"}]})
    assert browser.get(f"/mr/drafts/{draft}/problems").json() == {"Total": 0, "Problems": []}


def test_a_comment_may_be_about_a_row_and_a_closed_proposal_says_by_whom(daemon, place):
    ana_name, ana = new_user(daemon, "--administrator")
    bo_name, bo = new_user(daemon, "--administrator")
    one = opened(ana, place)
    for closing, by in ((bo, bo_name), (ana, ana_name)):
        draft = ana.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
        ana.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "remove", "Paths": ["folder/0.jpg"]}]})
        number = ana.post(f"/mr/drafts/{draft}/propose", {"Title": "without"}).json()["Id"]
        about = bo.post(f"/mr/proposals/{number}/comments", {"Text": "No.", "Path": "folder/0.jpg"}).json()
        assert about["Comments"][0]["Path"] == "folder/0.jpg"
        assert closing.post(f"/mr/proposals/{number}/close", {}).json()["ClosedBy"] == by
        (listed,) = [each for each in ana.get("/mr/proposals").json()["Proposals"] if each["Id"] == number]
        assert (listed["Status"], listed["Approved"], listed["ClosedBy"]) == ("closed", False, by)


def test_who_may_not_read_the_file_may_not_read_its_versions(daemon, browser, place, s3):
    one = opened(browser, place)
    s3.create_bucket(Bucket=(other := unique("other")))
    _, stranger = new_user(daemon, "--bucket", other)
    assert stranger.get(f"/mr/lists/{one}/rows").status == 403
    assert stranger.get(f"/mr/lists/{one}@1/text").status == 403
    assert stranger.post(f"/mr/lists/{one}/drafts", {}).status == 403
    assert stranger.get(f"/mr/atlas?list={one}&root=s3://{place[0]}/").status == 403
    assert stranger.get(f"/mr/preview/s3/{place[0]}/{place[1]}").status == 403


def test_who_may_not_read_the_file_sees_neither_the_list_nor_its_proposals(daemon, browser, place, s3):
    one = opened(browser, place)
    draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    browser.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "remove", "Paths": ["folder/0.jpg"]}]})
    proposal = browser.post(f"/mr/drafts/{draft}/propose", {"Title": "secret"}).json()["Id"]
    s3.create_bucket(Bucket=(other := unique("other")))
    _, stranger = new_user(daemon, "--bucket", other)
    assert stranger.get("/mr/lists").json() == {"Lists": []}
    assert stranger.get("/mr/proposals").json() == {"Proposals": []}
    assert stranger.get(f"/mr/proposals/{proposal}").status == 403
    _, colleague = new_user(daemon, "--bucket", place[0] + ":ro")
    assert [each["Id"] for each in colleague.get("/mr/lists").json()["Lists"]] == [one]
    assert [each["Id"] for each in colleague.get("/mr/proposals").json()["Proposals"]] == [proposal]


def test_a_user_called_operator_is_not_the_operator(daemon, browser, place):
    printed = daemon.cli("users", "add", "operator", "--administrator").stdout
    key = dict(re.findall(r"^export (\w+)=(\S+)$", printed, re.M))
    user = Browser(daemon.endpoint)
    user.sign_in({"AccessKeyId": key["AWS_ACCESS_KEY_ID"], "SecretAccessKey": key["AWS_SECRET_ACCESS_KEY"]})
    assert user.get("/mr/session").json()["User"] == "operator (user)"
    one = opened(browser, place)
    draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
    assert user.get(f"/mr/drafts/{draft}").status == 404


def test_an_undone_edit_is_as_if_it_had_never_been_with_a_daemon_that_started_again_too(tmp_path):
    daemon = Daemon(tmp_path / "data")
    try:
        s3, bucket = daemon.client("s3"), unique("undo")
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="train.lst", Body="".join(LINES).encode())
        key = {"AccessKeyId": daemon.environment["AWS_ACCESS_KEY_ID"],
               "SecretAccessKey": daemon.environment["AWS_SECRET_ACCESS_KEY"]}
        browser = Browser(daemon.endpoint)
        browser.sign_in(key)
        one = opened(browser, (bucket, "train.lst"))
        draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]
        for label in range(5):
            browser.post(f"/mr/drafts/{draft}/edits",
                         {"Edits": [{"Do": "relabel", "Paths": [f"folder/{label}.jpg"], "Labels": [9]}]})
        daemon.stop()
        daemon.start()
        browser = Browser(daemon.endpoint)
        browser.sign_in(key)
        for left in (4, 3):
            shown = browser.post(f"/mr/drafts/{draft}/undo", {}).json()
            assert (shown["Edits"], shown["Counts"]["relabelled"]) == (left, left)
    finally:
        daemon.stop()


def test_drafts_of_one_author_are_limited(daemon, place):
    _, ana = new_user(daemon, "--administrator")
    one = opened(ana, place)
    for _ in range(200):
        assert ana.post(f"/mr/lists/{one}/drafts", {}).status == 200
    refused = ana.post(f"/mr/lists/{one}/drafts", {})
    assert refused.status == 400 and "at most 200" in refused.json()["message"]


def test_an_atlas_leaves_out_a_picture_that_takes_too_much_memory(browser, s3, bucket):
    huge = bytearray(picture("red"))
    huge[16:24] = struct.pack(">II", 60_000, 60_000)  # what the PNG says of its size
    s3.put_object(Bucket=bucket, Key="photos/huge.png", Body=bytes(huge))
    s3.put_object(Bucket=bucket, Key="photos/a.png", Body=picture("red"))
    _, _, places = atlas(browser, f"root=s3://{bucket}/photos/&path=huge.png&path=a.png")
    assert [place[2:] for place in places] == [(0, 0), (40, 30)]


def test_a_text_that_is_no_list_is_not_opened(browser, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a.lst", Body=b"not a list\n")
    answer = browser.post("/mr/lists", {"Place": f"s3://{bucket}/a.lst"})
    assert answer.status == 400 and "line 1" in answer.json()["message"]
    assert browser.post("/mr/lists", {"Place": "ftp://x"}).status == 400


# Impact

def archive_of(**members):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=1) as tar:
        for name, body in members.items():
            member = tarfile.TarInfo(name.replace("_json", ".json"))
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return archive.getvalue()


def test_two_jobs_are_compared_by_class_and_an_archive_that_unpacks_without_end_is_left_out(
        daemon, browser, s3, sagemaker, bucket):
    image = daemon.add_program("succeed")
    jobs = [unique("impact"), unique("impact")]
    for job in jobs:
        sagemaker.create_training_job(**job_request(job, image, bucket, HyperParameters={"seed": job}))
    put = lambda job, **members: s3.put_object(Bucket=bucket, Key=f"out/{job}/output/output.tar.gz",
                                               Body=archive_of(**members))
    for job, accuracy in zip(jobs, (0.5, 0.75)):
        assert wait_until_ended(sagemaker, job)["TrainingJobStatus"] == "Completed"
        put(job, evaluation_json=json.dumps({"classes": [{"class": 0, "accuracy": accuracy}]}).encode())
    compare = lambda: browser.get(f"/mr/impact?a={jobs[0]}&b={jobs[1]}").json()
    found = compare()
    assert found["Parameters"] == [{"Name": "seed", "A": jobs[0], "B": jobs[1]}]
    assert [found["Classes"][side][0]["accuracy"] for side in "AB"] == [0.5, 0.75]
    put(jobs[1], zeros=bytes(300_000_000), evaluation_json=b'{"classes": []}')
    assert "Classes" not in compare()
