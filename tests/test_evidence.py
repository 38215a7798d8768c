"""The evidence package: what an auditor reads without the portal, and what is not in it."""

import csv
import io
import json
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import html

from portal import daily
from portal.evidence import Reader, pieces
from portal.process.document import Json
from portal.process.goals import california_date
from portal.store.errors import Unavailable
from tests.audit.out_of_order import log_that_cannot_be_written
from tests.conftest import House
from tests.journey import answers_to
from tests.policy.canaries import Canaries
from tests.test_commands import run
from tests.web.asking import a_pdf

pytestmark = pytest.mark.process("8", "O8.2")

READERS = ("iso", "process-owner", "process-manager", "contract-manager")


def a_paper(house: House, name: str = "scan.pdf") -> Json:
    """A paper that the store keeps, as an answer names it."""
    content = a_pdf()
    return {"name": name, "sha256": house.portal.store.put_file(content), "size": len(content)}


def audited(house: House) -> Json:
    """Kern IV-A a year on: the MOU signed on paper, findings, and an answer with evidence."""
    document_id = house.application_before("sign-mou")["id"]
    day = house.clock.now.date().isoformat()
    house.take(document_id, "sign-mou", method="scan", signed_mou=a_paper(house, "signed/../MOU.pdf"), signed_on=day)
    users = answers_to("certify-users", house.clock.now.date())["users"]
    users[0]["statement"] = a_paper(house, "statement of Ana.pdf")
    house.take(document_id, "certify-users", users=users)
    for step in ("countersign-mou", "post-approval", "file-mou", "create-office-id", "evaluate-infrastructure", "direct-setup", "set-up-accounts", "confirm-access"):  # fmt: skip
        house.take(document_id, step)
    house.clock.pass_days(368)
    house.take(document_id, "open-audit")
    house.take(document_id, "record-finding")
    response = {"number": 1, "response": "Trained.", "evidence": a_paper(house)}
    return house.take(document_id, "respond-to-finding", responses=[response])


def unpacked(content: bytes, folder: Path) -> Path:
    """The package, unzipped: its one folder."""
    into = folder / "unpacked"
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        assert package.infolist()[0].header_offset == 0  # nothing was sent twice
        package.extractall(into)
    (top,) = into.iterdir()
    return top


def the_package(house: House, address: str, role: str = "iso") -> bytes:
    answer = house.client(role).get(address, buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    return answer.data


def sums_hold(top: Path) -> bool:
    """Whether `sha256sum -c` says so, of every file that there is besides the sums."""
    checked = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=top, capture_output=True, text=True)
    named = {line.partition("  ")[2] for line in (top / "SHA256SUMS").read_text(encoding="utf-8").splitlines()}
    assert named == {str(path.relative_to(top)) for path in files(top)} - {"SHA256SUMS"}
    return checked.returncode == 0


def files(top: Path) -> list[Path]:
    return sorted(path for path in top.rglob("*") if path.is_file())


def words_of(page: Path) -> str:
    return " ".join(html.parse(str(page)).getroot().text_content().split())


def test_it_has_roster_accounts_gaps_findings_history_letters_papers_and_the_record(
    house: House, tmp_path: Path
) -> None:
    document = audited(house)
    top = unpacked(the_package(house, f"/applications/{document['id']}/evidence.zip"), tmp_path)
    assert sums_hold(top)
    folder = top / f"{document['id']}-kern-iv-a"
    inside = folder / document["id"]
    names = {str(path.relative_to(folder)) for path in files(folder)}
    tables = {f"{key}.{ending}" for key in ("roster", "accounts", "gaps", "findings") for ending in ("html", "csv")}
    assert tables | {"index.html", "history.html"} <= names
    assert {"index.html", "application.json"} <= {path.name for path in inside.iterdir()}
    letters = [letter for entry in document["history"] for letter in entry.get("letters", ())]
    kept = {path.read_bytes() for path in (inside / "letters").iterdir()}
    assert kept == {house.portal.store.get_file(letter["sha256"]) for letter in letters}
    assert {
        f"{document['id']}/letters/013-signed-mou.docx",
        f"{document['id']}/letters/022-audit-findings.docx",
    } <= names
    assert {f"{document['id']}/papers/011-sign-mou-1.pdf"} <= names
    rows = list(csv.DictReader(io.StringIO((folder / "roster.csv").read_text(encoding="utf-8"))))
    assert [(row["User"], row["Trained on"], row["Certified until"]) for row in rows] == [
        ("Ana Núñez", "2026-11-23", "2027-11-23"),
        ("Bo Li", "2026-11-23", "2027-11-23"),
    ]
    assert "The year was over on November 23, 2027" in rows[0]["What stands out"]
    assert "Accounts granted: 3. Users named: 2." in words_of(folder / "roster.html")
    gaps = list(csv.DictReader(io.StringIO((folder / "gaps.csv").read_text(encoding="utf-8"))))
    assert [(row["User"], row["From"], row["Days"]) for row in gaps] == [("Ana Núñez", "2027-11-24", "3"), ("Bo Li", "2027-11-24", "3")]  # fmt: skip
    assert "Bo Li was trained too late." in words_of(folder / "findings.html")
    assert "answered audit findings" in words_of(folder / "history.html")
    shown = json.loads((inside / "application.json").read_text(encoding="utf-8"))
    assert shown == house.client("iso").get(f"/applications/{document['id']}.json").json


def test_its_pages_lead_to_every_file_and_name_the_moment_and_the_reader(house: House, tmp_path: Path) -> None:
    audited(house)
    top = unpacked(the_package(house, "/evidence.zip"), tmp_path)
    reached, to_read = set(), [top / "index.html"]
    while to_read:
        page = to_read.pop()
        if page in reached:
            continue
        reached.add(page)
        if page.suffix != ".html":
            continue
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "http" not in "".join(str(link) for link in html.fromstring(text).xpath("//@src | //link/@href"))
        assert "@media print" in text
        for link in html.fromstring(text).xpath("//a/@href"):
            if not link.startswith(("#", "mailto:")):
                to_read.append((page.parent / link.partition("#")[0]).resolve())
    assert all(page.is_file() for page in reached)
    assert reached == set(files(top)) - {top / "SHA256SUMS"}
    words = words_of(top / "index.html")
    assert "Evidence, as of November 26, 2027, 10:00 am" in words
    assert "DCSS Information Security Officer" in words
    assert "2 audit findings are not cleared." in words


def renewed(house: House) -> tuple[str, str]:
    """Kern IV-A, audited under its first agreement, with a signed statement kept, and its renewal in force: the numbers
    of both applications.
    """
    new = house.where_open("take-effect")
    old = new["identify_requestor"]["renews"]
    house.take(old, "open-audit")
    house.take(old, "record-finding")
    assert not daily.run(house.portal).problems
    users = answers_to("certify-users", california_date(house.clock.now))["users"]
    users[0]["statement"] = a_paper(house, "statement of Ana.pdf")
    house.take(new["id"], "certify-users", users=users)
    return old, new["id"]


@pytest.mark.process("8", "10.2")
@pytest.mark.parametrize("whole", [True, False])
def test_an_organizations_package_goes_over_all_of_its_applications_in_one_history(
    house_on_each_store: House, tmp_path: Path, whole: bool
) -> None:
    house = house_on_each_store
    old, new = renewed(house)
    house.take("", "identify-requestor", "Alameda")
    for asked in (old, new):  # whichever of its applications is asked for
        address = "/evidence.zip" if whole else f"/applications/{asked}/evidence.zip"
        top = unpacked(the_package(house, address), tmp_path / asked)
        assert sums_hold(top)
        folders = {path.name for path in top.iterdir() if path.is_dir()}
        assert f"{old}-kern-iv-a" in folders
        assert len(folders) == (2 if whole else 1)
        folder = top / f"{old}-kern-iv-a"
        page = html.parse(str(folder / "history.html")).getroot()
        entries = [entry.partition("-entry-") for entry in page.xpath("//ol[@class='history']/li/@id")]
        both = [(entry["at"], one, entry["seq"]) for one in (old, new) for entry in house.get(one)["history"]]
        by_time = sorted(both, key=lambda each: each[0])
        assert [(one, int(seq)) for one, _, seq in entries] == [(one, seq) for _, one, seq in by_time]
        rows = list(csv.DictReader(io.StringIO((folder / "findings.csv").read_text(encoding="utf-8"))))
        assert [(row["Application"], row["No."]) for row in rows] == [(old, "1"), (old, "2")]
        words = words_of(folder / "index.html")
        assert f"It renews the agreement of {old}" in words
        assert "2 audit findings are not cleared." in words
        assert {json.loads((folder / one / "application.json").read_text(encoding="utf-8"))["id"] for one in (old, new)} == {old, new}  # fmt: skip


@pytest.mark.process("2.6", "8")
def test_a_signed_statement_that_is_kept_is_opened_from_the_roster(house: House, tmp_path: Path) -> None:
    _, new = renewed(house)
    top = unpacked(the_package(house, "/evidence.zip"), tmp_path)
    (roster,) = top.rglob("roster.html")
    (link,) = html.parse(str(roster)).getroot().xpath("//a[text()='statement of Ana.pdf']/@href")
    kept = a_pdf()
    assert (roster.parent / link).read_bytes() == kept
    client = house.client("requestor")
    (link,) = client.page(f"/applications/{new}").links("//main//table[caption='Users against the approved number']")
    assert client.get(link).data == kept


@pytest.mark.process("8")
def test_an_application_that_is_named_and_cannot_be_read_is_named_in_the_package(house: House, tmp_path: Path) -> None:
    old, new = renewed(house)
    (house.portal.settings.data / "documents" / f"{old}.json").write_text("{")
    top = unpacked(the_package(house, f"/applications/{new}/evidence.zip"), tmp_path)
    assert f"Not in this package: {old}." in words_of(top / "index.html")
    assert f"Named here, and not in this package: {old}." in words_of(top / f"{new}-kern-iv-a" / "index.html")


def test_names_of_files_are_plain_whatever_people_typed(house: House, tmp_path: Path) -> None:
    name = '../../etc/Čećilia & "Söhne" <IV-A>; rm -rf ' + "x" * 150
    first = house.take("", "identify-requestor", organization_name=name)
    other = house.take("", "identify-requestor", "Alameda", organization_name="衛生局")
    content = the_package(house, "/evidence.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        paths = package.namelist()
    plain = [path for path in paths if not path.endswith("SHA256SUMS")]
    assert all(set(path) <= set("abcdefghijklmnopqrstuvwxyz0123456789-./TPA") for path in plain)
    assert not [path for path in paths if ".." in path or path.startswith("/")]
    top = unpacked(content, tmp_path)
    assert (top / f"{first['id']}-etc-cecilia-sohne-iv-a-rm-rf-xxxxxxxxxxx").is_dir()
    assert (top / f"{other['id']}-unnamed").is_dir()
    assert sums_hold(top)


def test_a_text_that_a_spreadsheet_would_run_stays_text(house: House, tmp_path: Path) -> None:
    document_id = house.application_before("certify-users")["id"]
    users = answers_to("certify-users", house.clock.now.date())["users"]
    house.take(document_id, "certify-users", users=[{**users[0], "name": "=HYPERLINK(1)"}])
    top = unpacked(the_package(house, f"/applications/{document_id}/evidence.zip"), tmp_path)
    (roster,) = top.rglob("roster.csv")
    assert "'=HYPERLINK(1)" in roster.read_text(encoding="utf-8")


def everything_in(content: bytes) -> bytes:
    """Every file of the package, and every part of every letter in it."""
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            inner = package.read(name)
            found += [name.encode(), inner]
            if name.endswith(".docx"):
                with zipfile.ZipFile(io.BytesIO(inner)) as letter:
                    found += [letter.read(part) for part in letter.namelist()]
    return b"\n".join(found)


@pytest.mark.requirement("ASVS 8.2.3", "NIST AC-3", "NIST AU-12")
@pytest.mark.parametrize("role", READERS)
def test_what_its_reader_may_not_read_is_not_in_it(house: House, role: str) -> None:
    canaries = Canaries(house)
    for step in ("identify-requestor", "schedule-invitation", "send-invitation", "complete-application", "route-application", "legal-opinion", "connectivity-test", "send-to-owner", "decide", "send-decision", "sign-mou", "certify-users"):  # fmt: skip
        canaries.take(step)
    content = everything_in(the_package(house, f"/applications/{canaries.document_id}/evidence.zip", role))
    found = canaries.found_in(content)
    assert found - canaries.readable(role) == set()
    assert len(found) > 40
    opinion = {word for word, places in canaries.words.items() if ("opinion_text" in {name for _, name in places})}
    assert bool(found & opinion) == (role in ("process-owner", "process-manager"))


@pytest.mark.parametrize("role", ["requestor", "director", "coordinator", "administrator", "legal", "infrastructure-manager", "portal-administrator"])  # fmt: skip
def test_nobody_else_gets_it(house: House, role: str) -> None:
    document = house.application_after("identify-requestor")
    for address in (f"/applications/{document['id']}/evidence.zip", "/applications/TPA-1999-0001/evidence.zip", "/evidence.zip"):  # fmt: skip
        assert house.client(role).get(address).status_code == 403
    assert "evidence.zip" not in house.client(role).get(f"/applications/{document['id']}").get_data(as_text=True)


@pytest.mark.parametrize("role", READERS)
def test_the_pages_lead_those_who_may_take_it_there(house: House, role: str) -> None:
    document = house.application_after("identify-requestor")
    address = f"/applications/{document['id']}/evidence.zip"
    assert address in house.client(role).page(f"/applications/{document['id']}").links()
    assert "/evidence.zip" in house.client(role).page("/applications").links()


@pytest.mark.requirement("ASVS 8.2.3", "NIST AC-3", "NIST AU-12")
def test_each_application_in_it_is_a_line_in_the_access_log(house: House) -> None:
    ids = [house.take("", "identify-requestor", county)["id"] for county in ("Kern", "Alameda")]
    the_package(house, "/evidence.zip")
    lines = list(house.portal.store.log_lines())
    read = [line for line in lines if line["did"] == "read it in an evidence package"]
    assert [(line["record"], line["role"], line["who"]) for line in read] == [
        (one, "iso", "iso@demo.example")
        for one in reversed(ids)  # Alameda comes first
    ]
    assert any(line["did"] == "take the evidence package of all applications" for line in lines)


def test_nothing_goes_out_that_cannot_be_logged(house: House) -> None:
    document = house.application_after("identify-requestor")
    client = house.client("iso")
    client.page("/inbox")
    with log_that_cannot_be_written(house):
        for address in (f"/applications/{document['id']}/evidence.zip", "/evidence.zip"):
            answer = client.get(address, buffered=True)
            assert (answer.status_code, b"PK" in answer.data) == (503, False)


def test_a_file_that_is_missing_or_damaged_is_named_and_the_rest_is_there(
    house: House, tmp_path: Path, make_house: Callable[..., House]
) -> None:
    document = audited(house)
    entry = next(entry for entry in document["history"] if entry["step"] == "record-finding")
    gone, altered = entry["letters"][0]["sha256"], document["sign_mou"]["signed_mou"]["sha256"]
    content = {path.name: path for path in (house.portal.settings.data / "files").rglob("*") if path.is_file()}
    content[gone].unlink()
    content[altered].chmod(0o644)
    content[altered].write_bytes(b"%PDF- something else")
    damaged = house.take("", "identify-requestor", "Alameda")
    (house.portal.settings.data / "documents" / f"{damaged['id']}.json").write_text("{")
    top = unpacked(the_package(house, "/evidence.zip"), tmp_path)
    assert sums_hold(top)
    index = words_of(top / f"{document['id']}-kern-iv-a" / document["id"] / "index.html")
    assert "Audit findings (November 26, 2027, 10:00 am). It is not kept any more." in index
    assert "MOU.pdf" in index
    assert "It is damaged: its content is not what was kept." in index
    words = words_of(top / "index.html")
    assert "files missing" in words
    assert f"Applications that could not be read Their records are damaged. They are not in this package. {damaged['id']}" in words  # fmt: skip


def test_the_command_writes_it_as_the_auditor_may_read_it(house: House, tmp_path: Path) -> None:
    document = audited(house)
    house.take("", "identify-requestor", "Alameda")
    file = tmp_path / "evidence.zip"
    result = run(house, "evidence", str(file), "--application", document["id"])
    assert result.exit_code == 0, result.output
    top = unpacked(file.read_bytes(), tmp_path / "out")
    assert sums_hold(top)
    assert [path.name for path in top.iterdir() if path.is_dir()] == [f"{document['id']}-kern-iv-a"]
    assert "Authorized for IV-A eligibility" not in (top / f"{document['id']}-kern-iv-a" / "history.html").read_text(encoding="utf-8")  # fmt: skip
    assert [line["record"] for line in house.portal.store.log_lines() if line["did"] == "read it in an evidence package"] == [document["id"]]  # fmt: skip
    assert run(house, "evidence", str(file), "--application", "TPA-1999-0001").exit_code == 2
    assert run(house, "evidence", str(file), "--role", "portal-administrator").exit_code == 1
    assert zipfile.is_zipfile(file)  # what failed left the old one


def test_a_log_that_fails_on_the_way_leaves_no_half_a_file(house: House, tmp_path: Path) -> None:
    house.application_after("identify-requestor")
    with log_that_cannot_be_written(house):
        result = run(house, "evidence", str(tmp_path / "evidence.zip"))
    assert isinstance(result.exception, SystemExit | Unavailable)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_what_cannot_be_noted_of_one_application_ends_the_package_before_it(house: House) -> None:
    both = [house.take("", "identify-requestor", county) for county in ("Kern", "Alameda")]

    def note(document: Json, roles: tuple[str, ...]) -> None:
        if document["id"] == both[1]["id"]:
            raise Unavailable("the log cannot be written")

    made: list[bytes] = []
    with pytest.raises(Unavailable):
        made.extend(pieces(house.portal, both, Reader("a test", lambda process, document: ("iso",), note)))
    sent = b"".join(made)
    assert f"{both[0]['id']}-kern-iv-a/index.html".encode() in sent
    assert both[1]["id"].encode() not in sent


def test_of_many_organizations_one_at_a_time_is_in_memory(house: House) -> None:
    used, sizes = [], []
    for more in (1, 8):
        for place in range(more):
            name = f"Alameda IV-E, Office {more + place}"
            document_id = house.take("", "identify-requestor", "Alameda", organization_name=name)["id"]
            for step in ("schedule-invitation", "send-invitation"):
                house.take(document_id, step, "Alameda")
        answer = house.client("iso").get("/evidence.zip")
        tracemalloc.start()
        sizes.append(sum(len(piece) for piece in answer.iter_encoded()))
        used.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert sizes[1] - sizes[0] > 1_000_000
    assert used[1] - used[0] < 400_000, used


def test_each_reads_in_it_what_they_read_in_the_portal(house: House, tmp_path: Path) -> None:
    document = house.application_after("send-decision")
    for role, reads in (("process-owner", True), ("iso", False)):
        top = unpacked(the_package(house, "/evidence.zip", role), tmp_path / role)
        shown = json.loads(
            (top / f"{document['id']}-kern-iv-a" / document["id"] / "application.json").read_text(encoding="utf-8")
        )
        assert ("opinion" in shown["legal_opinion"]) == reads


def test_an_application_that_its_reader_may_not_know_of_is_not_in_it(house: House) -> None:
    document = house.application_after("identify-requestor")
    for roles in ((), ("portal-administrator",)):
        reader = Reader("a test", lambda process, document, roles=roles: roles, lambda document, roles: None)
        content = b"".join(pieces(house.portal, [document], reader))
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            assert [path.rpartition("/")[2] for path in package.namelist()] == ["index.html", "SHA256SUMS"]
            assert b"Kern" not in everything_in(content)
