"""Findings -> JUnit XML: a test case a finding, which fails if the finding is new."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from dedup.check.finding import Checked
from dedup.report.wording import all_of, message, severity, summary

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def render(checked: Checked) -> str:
    """One suite; without findings its only case passes."""
    findings = all_of(checked)
    counts = {"tests": str(max(1, len(findings))), "failures": str(len(checked.new)), "errors": "0", "skipped": "0"}
    root = Element("testsuites", {"name": "dedup", **counts})
    suite = SubElement(root, "testsuite", {"name": "dedup check", **counts})
    if not findings:
        SubElement(suite, "testcase", {"classname": "dedup", "name": summary(checked), "time": "0"})
    for finding in findings:
        file = _clean(finding.place.file)
        name = _clean(f"{finding.relation} {finding.place}")
        where = {"classname": file, "name": name, "file": file, "line": str(finding.place.line)}
        case = SubElement(suite, "testcase", {**where, "time": "0"})
        if finding.status == "new":
            failure = SubElement(case, "failure", {"type": severity(finding), "message": _clean(message(finding))})
            failure.text = _clean(finding.place.text)
        else:
            SubElement(case, "system-out").text = _clean(message(finding))
    indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
