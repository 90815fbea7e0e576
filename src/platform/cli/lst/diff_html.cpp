#include "platform/cli/lst/diff_html.h"

#include "core/base/error.h"
#include "core/base/html.h"
#include "core/base/text.h"
#include "core/lists/list.h"
#include "platform/cli/lst/diff_text.h"
#include "platform/cli/lst/list_file.h"
#include "platform/cli/lst/thumbnail.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Differences of image lists</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } h3 { font-size: 1rem; }
h2, td { overflow-wrap: anywhere; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #8884; padding: .3rem .6rem; text-align: left; }
.changes { table-layout: fixed; width: 100%; }
.picture { width: 7.5rem; } .index { width: 7rem; } .label { width: 9rem; }
.number { font-variant-numeric: tabular-nums; }
img { display: block; } .none { color: #888; }
.before { color: #b3261e; } .after { color: #1b7f3b; }
.path, .before, .after { unicode-bidi: isolate; }
@media (max-width: 40rem) {
  th, td { padding: .3rem; }
  .picture { width: 6.7rem; } .index, .label { width: 3.5rem; }
}
@media (prefers-color-scheme: dark) { .before { color: #ff8a80; } .after { color: #7ddc9a; } }
</style></head><body>
<h1>Differences of image lists</h1>
)";

/// Both are markup.
std::string changed_markup(const std::string& before, const std::string& after) {
  if (before == after) return before;
  return "<span class=\"before\">" + before + "</span> &rarr; <span class=\"after\">" + after +
         "</span>";
}

std::string changed(std::string_view before, std::string_view after) {
  return changed_markup(html::escaped(before), html::escaped(after));
}

/// As a terminal shows it, since names may differ in bytes that are no text. A long one is broken
/// behind its folders before it is broken anywhere.
std::string path_markup(const LstRow& row) {
  std::string markup;
  for (const char c : html::escaped(printable(row.path, std::string::npos))) {
    markup += c;
    if (c == '/') markup += "<wbr>";
  }
  return markup;
}

std::string labels_markup(const lists::Change& change) {
  if (!change.relabelled) return html::escaped(labels_of(change));
  const std::span<const float> before = change.before->labels, after = change.after->labels;
  if (before.size() == after.size() && before.size() > 1) return html::escaped(labels_of(change));
  return changed(lists::labels_text(before), lists::labels_text(after));
}

}  // namespace

std::string DiffHtml::picture(std::string_view path) {
  if (options_.images == nullptr) return {};
  if (pictures_ >= options_.most_pictures) {
    ++left_out_;
    return "<span class=\"none\">&middot;</span>";
  }
  const std::string name(path);
  try {
    const std::optional<std::string> file = options_.images->read(name);
    if (!file) return "<span class=\"none\">no such image</span>";
    const std::string uri = thumbnail_uri(*file, options_.edge, name);
    ++pictures_;
    return "<img alt=\"\" src=\"" + uri + "\">";
  } catch (const Error& error) {
    // A page about what changed must not fail on a broken picture, which may be what changed.
    if (error.blame() != Blame::Customer) throw;
    return "<span class=\"none\">" + html::escaped(error.what()) + "</span>";
  }
}

void DiffHtml::row(const lists::Change& change) {
  const LstRow& after = change.removed() ? *change.before : *change.after;
  const LstRow& before = change.added() ? after : *change.before;
  body_ += "<tr>";
  if (options_.images != nullptr) {
    body_ += "<td>";
    if (change.replaced) body_ += picture(before.path) + "&darr;";
    body_ += picture(after.path) + "</td>";
  }
  body_ += "<td class=\"number\">" +
           changed(std::to_string(before.index), std::to_string(after.index)) + "</td><td>" +
           labels_markup(change) + "</td><td class=\"path\">" +
           changed_markup(path_markup(before), path_markup(after)) + "</td></tr>\n";
}

template <class Meant>
void DiffHtml::section(std::string_view title, const lists::Diff& diff, const Meant& meant) {
  std::int64_t count = 0;
  for (const lists::Change& change : diff.changes) {
    if (!meant(change)) continue;
    if (count++ == 0) {
      body_.append("<h3>").append(title).append("</h3>\n<table class=\"changes\"><tr>");
      if (options_.images != nullptr) body_ += "<th class=\"picture\">picture</th>";
      body_ += "<th class=\"index\">index</th><th class=\"label\">label</th><th>path</th></tr>\n";
    }
    if (count <= options_.most_rows) row(change);
  }
  if (count == 0) return;
  body_ += "</table>\n";
  if (count > options_.most_rows) {
    body_ += "<p class=\"none\">and " + rows_text(count - options_.most_rows) +
             " more; --most shows others than " + rows_text(options_.most_rows) + "</p>\n";
  }
}

void DiffHtml::add(std::string_view before_name, std::string_view after_name,
                   const lists::Diff& diff) {
  body_ += "<h2>" + changed(before_name, after_name) + "</h2>\n<p>" +
           html::escaped(counts_text(diff)) + "</p>\n";
  if (!diff.relabelled.empty()) {
    body_ += "<table><tr><th>label before</th><th>after</th><th>rows</th></tr>\n";
    for (const auto& [labels, count] : diff.relabelled) {
      body_ += "<tr><td>" + label_text(labels.first) + "</td><td>" + label_text(labels.second) +
               "</td><td class=\"number\">" + grouped(count) + "</td></tr>\n";
    }
    body_ += "</table>\n";
  }
  using lists::Change;
  section("Added", diff, [](const Change& change) { return sign_of(change) == '+'; });
  section("Removed", diff, [](const Change& change) { return sign_of(change) == '-'; });
  section("Relabelled", diff, [](const Change& change) { return sign_of(change) == '~'; });
  section("Moved", diff, [](const Change& change) { return sign_of(change) == '>'; });
  section("Another picture", diff, [](const Change& change) { return sign_of(change) == '!'; });
  section("Renumbered", diff, [](const Change& change) { return sign_of(change) == '#'; });
}

std::string DiffHtml::take() {
  std::string page(kHead);
  page += body_;
  if (left_out_ > 0) {
    page += "<p class=\"none\">" + grouped(pictures_) + " pictures are shown and " +
            grouped(left_out_) + " left out; --thumbnails shows more.</p>\n";
  }
  return page + "</body></html>\n";
}

}  // namespace millrace::cli
