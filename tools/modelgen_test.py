#!/usr/bin/python3
"""Claims about modelgen.py: the merge of overlays and the names it makes."""

import json
import pathlib
import tempfile
import unittest

import modelgen

ROOT = pathlib.Path(__file__).resolve().parents[1]


def merged(target, patch):
    modelgen.merge(target, patch, "test")
    return target


class Merge(unittest.TestCase):
    def test_objects_are_merged_and_null_removes(self):
        self.assertEqual(merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 5, "c": None}, "source": "note"}),
                         {"a": {"b": 5}, "d": 3})

    def test_values_are_added_to_an_enumeration_once(self):
        self.assertEqual(merged({"enum": ["a"]}, {"add_values": ["a", "b"]}), {"enum": ["a", "b"]})

    def test_values_for_what_is_no_enumeration_are_refused(self):
        with self.assertRaises(SystemExit):
            merged({"type": "string"}, {"add_values": ["a"]})

    def test_members_are_no_longer_required(self):
        self.assertEqual(merged({"required": ["a", "b"]}, {"not_required": ["a"]}), {"required": ["b"]})

    def test_a_member_that_was_never_required_is_refused(self):
        with self.assertRaises(SystemExit):
            merged({"required": ["a"]}, {"not_required": ["b"]})


class Names(unittest.TestCase):
    def test_members_are_botocores_snake_case(self):
        names = {"TrainingJobName": "training_job_name", "ETag": "e_tag", "S3Uri": "s3_uri",
                 "VolumeSizeInGB": "volume_size_in_gb", "logGroupName": "log_group_name", "Delete": "delete_"}
        for name, identifier in names.items():
            self.assertEqual(modelgen.member_identifier(name), identifier)

    def test_values_become_identifiers(self):
        values = {"InProgress": "InProgress", "ml.m5.large": "ml_m5_large", "private": "private_", "NULL": "NULL_",
                  "2021": "_2021", "": "empty"}
        for value, identifier in values.items():
            self.assertEqual(modelgen.value_identifier(value), identifier)

    def test_literals_hold_any_text(self):
        self.assertEqual(modelgen.literal('a"\\\n?\u00e4'), '"a\\"\\\\\\012\\077\\303\\244"')

    def test_anchors_are_stripped_but_not_escaped_dollars(self):
        self.assertEqual(modelgen.without_anchors("^a$"), "a")
        self.assertEqual(modelgen.without_anchors("a\\$"), "a\\$")
        self.assertEqual(modelgen.without_anchors("a\\\\$"), "a\\\\")


class Tree(unittest.TestCase):
    def test_every_overlay_entry_says_where_its_fact_is_published(self):
        overlay = json.loads((ROOT / "models" / "overlay.json").read_text())
        for service, parts in overlay.items():
            for part in ("shapes", "operations"):
                for name, entry in parts.get(part, {}).items():
                    self.assertTrue(entry.get("source"), f"{service} {part} {name}")

    def test_an_unchanged_file_keeps_its_time(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x" / "file"
            modelgen.write_if_changed(path, "text")
            before = path.stat().st_mtime_ns
            modelgen.write_if_changed(path, "text")
            self.assertEqual(path.stat().st_mtime_ns, before)
            modelgen.write_if_changed(path, "other")
            self.assertEqual(path.read_text(), "other")


if __name__ == "__main__":
    unittest.main()
