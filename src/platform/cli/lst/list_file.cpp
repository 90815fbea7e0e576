#include "platform/cli/lst/list_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/io/buffered_sink.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"
#include "core/lists/diff.h"
#include "platform/cli/lst/diff_text.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxListBytes = std::size_t{4} << 30;
constexpr std::string_view kStandard = "-";

std::string origin_of(const std::string& name) {
  return name == kStandard ? "standard input" : name;
}

std::string read_bytes(const std::string& name) {
  if (name == kStandard) {
    FdSource source(Fd(::dup(STDIN_FILENO)));
    return read_all(source, kMaxListBytes, origin_of(name));
  }
  std::error_code unknown;
  const fs::file_status status = fs::status(name, unknown);
  if (!fs::exists(status) || fs::is_directory(status)) {
    refuse(name, fs::is_directory(status) ? "a folder" : "no such file", "a file");
  }
  if (fs::is_regular_file(status)) return read_file(name, kMaxListBytes);
  FdSource source(open_for_reading(name));  // a pipe: <(...) of a shell
  return read_all(source, kMaxListBytes, name);
}

void write_rows(ByteSink& sink, std::span<const LstRow> rows) {
  BufferedSink buffered(sink);
  LstWriter writer(buffered);
  for (const LstRow& row : rows) writer.write_row(row);
  buffered.finish();
}

/// Calls write(sink) with a file beside `target` that then takes its place.
template <class Write>
void replace_file(const std::string& target, const Write& write) {
  const fs::path real = fs::is_symlink(target) ? fs::weakly_canonical(target) : fs::path(target);
  struct stat old {};
  const bool replaces = ::stat(real.c_str(), &old) == 0;
  if (replaces && !S_ISREG(old.st_mode)) {
    if (S_ISDIR(old.st_mode))
      throw Error(Blame::Customer, target + " is a folder, expected the name of a file");
    FdSink sink(Fd(::open(real.c_str(), O_WRONLY | O_CLOEXEC)));  // /dev/stdout, a pipe
    if (!sink.fd()) throw_errno("opening " + target);
    write(sink);
    return;
  }
  PartialOutput output(real);
  FdSink sink(create_for_writing(output.path()));
  write(sink);
  if (replaces && ::fchmod(sink.fd().get(), old.st_mode & 07777) != 0)
    throw_errno("setting the mode of " + target);
  output.commit();
}

template <class Write>
void write_to(const std::string& target, const Write& write) {
  if (target == kStandard) {
    std::cout.flush();
    std::signal(SIGPIPE, SIG_DFL);  // `| head` ends us quietly, as it ends cat
    FdSink sink(Fd(::dup(STDOUT_FILENO)));
    write(sink);
  } else {
    replace_file(target, write);
  }
}

bool same_rows(std::span<const LstRow> before, std::span<const LstRow> after) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const LstRow& a, const LstRow& b) {
                      return a.index == b.index && a.path == b.path && a.text == b.text &&
                             std::equal(a.labels.begin(), a.labels.end(), b.labels.begin(),
                                        b.labels.end());
                    });
}

}  // namespace

lists::List read_list(const std::string& name) {
  return lists::List::parse(read_bytes(name), origin_of(name));
}

lists::List read_list(const std::string& name, std::vector<lists::StrayLine>& strays) {
  return lists::List::parse(read_bytes(name), origin_of(name), strays);
}

void require_one_input(const std::vector<std::string>& names) {
  if (std::count(names.begin(), names.end(), kStandard) <= 1) return;
  refuse("lists", "standard input twice", "- once at most");
}

std::string read_text(const std::string& name) {
  return read_bytes(name);
}

void write_list(const std::string& target, std::span<const LstRow> rows) {
  write_to(target, [&](ByteSink& sink) { write_rows(sink, rows); });
}

void write_text(const std::string& target, std::string_view text) {
  write_to(target, [&](ByteSink& sink) { sink.write(text); });
}

lists::Query parse_where(const std::string& text) {
  return text.empty() ? lists::Query() : lists::Query::parse(text, "--where");
}

std::vector<float> parse_labels(const std::string& text, const std::string& option) {
  // The list's own reader decides what a label is.
  std::string columns = "0\t" + text + "\tp";
  std::replace(columns.begin(), columns.end(), ',', '\t');
  std::vector<float> labels;
  try {
    (void)parse_lst_line(columns, option, 1, labels);
  } catch (const Error&) {
    refuse(option, text, "a label such as 3, or labels such as 0,1,0");
  }
  return labels;
}

std::string grouped(std::int64_t count) {
  std::string text = std::to_string(count);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string rows_text(std::int64_t count) {
  return grouped(count) + (count == 1 ? " row" : " rows");
}

void add_edit_options(CLI::App& verb, EditOptions& options) {
  verb.add_option("list", options.list, "The list; - is standard input, changed to standard output")
      ->type_name("LIST")
      ->required();
  verb.add_option("-o,--output", options.output, "Write here and leave the list alone")
      ->type_name("FILE");
  verb.add_flag("--dry-run", options.dry_run, "Show what would change and write nothing");
}

void say_beside(const std::string& target, const std::string& line) {
  (target == kStandard ? std::cerr : std::cout) << line << '\n';
}

void finish_edit(const EditOptions& options, const lists::List& list, std::span<const LstRow> rows,
                 const std::string& done) {
  const std::string& target = options.target();
  const auto count = static_cast<std::int64_t>(rows.size());
  if (options.dry_run) {
    DiffText text({.colour = wants_colour("auto")});
    text.add(list.origin(), list.rows(), target + " (not written)", rows,
             lists::diff(list.rows(), rows));
    std::cout << text.take() << "would write " << target << ": " << done << ", " << rows_text(count)
              << '\n';
    return;
  }
  if (target == options.list && target != kStandard && same_rows(list.rows(), rows)) {
    std::cout << target << ": nothing to change\n";
    return;
  }
  write_list(target, rows);
  say_beside(target, target + ": " + done + ", " + rows_text(count));
}

}  // namespace millrace::cli
