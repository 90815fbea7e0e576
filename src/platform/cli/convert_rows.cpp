#include "platform/cli/convert_rows.h"

#include <memory>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/data/libsvm.h"
#include "core/io/buffered_sink.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"
#include "platform/cli/data_file.h"

namespace millrace::cli {
namespace {

/// libsvm does not say how wide it is: the file is read once to find the largest index.
std::int64_t libsvm_columns(const std::filesystem::path& file, const RowOptions& rows) {
  if (!std::filesystem::is_regular_file(file)) {
    throw Error(Blame::Customer, Problem{.where = file.string(),
                                         .given = "libsvm that can be read only once",
                                         .expected = "the number of features",
                                         .fix = "Give it with --columns."});
  }
  InputFile input(file);
  LibsvmReader reader(input.source(), file.string(),
                      {.index_base = rows.index_base, .columns = {}});
  for (Row row; reader.read(row);) {
  }
  return reader.columns_seen();
}

/// Says once each what a target format loses.
class Losses {
 public:
  Losses(DataFormat to, Converted& converted) : to_(to), converted_(converted) {}

  void fit(Row& row) {
    if (to_ == DataFormat::JsonLines && !row.labels.empty()) {
      note(labels_left_out_, "labels are left out: JSON lines are requests, which have none");
      row.labels.clear();
    }
    if (to_ == DataFormat::Libsvm && row.labels.empty())
      note(labels_made_up_, "rows without a label got the label 0, since libsvm must have one");
    if (to_ == DataFormat::Csv && row.sparse)
      note(zeros_written_, "zeros are written out up to the known width, " +
                               std::to_string(row.columns) + " columns");
  }

  void end(const RowReader& reader) {
    if (const std::int64_t count = reader.narrowed(); count > 0) {
      converted_.notes.push_back(std::to_string(count) +
                                 " values were rounded to float32, the type that is written");
    }
    if (const std::int64_t count = reader.left_out(); count > 0) {
      converted_.notes.push_back(std::to_string(count) +
                                 " records held more than features and label (other tensors, uid, "
                                 "metadata, configuration), "
                                 "which is left out");
    }
  }

 private:
  void note(bool& said, std::string text) {
    if (!said) converted_.notes.push_back(std::move(text));
    said = true;
  }

  DataFormat to_;
  Converted& converted_;
  bool labels_left_out_ = false;
  bool labels_made_up_ = false;
  bool zeros_written_ = false;
};

}  // namespace

Converted convert_rows(const std::filesystem::path& file, const ContentType& from,
                       const RowOptions& rows, const std::filesystem::path& target,
                       const ContentType& to) {
  RowOptions reading = rows;
  if (from.format == DataFormat::Libsvm && to.format != DataFormat::Libsvm && !reading.columns)
    reading.columns = libsvm_columns(file, rows);

  InputFile input(file);
  const auto reader = read_rows(from.format, input.source(), file.string(), reading);
  PartialOutput output(target);
  Converted converted;
  {
    FdSink sink(create_for_writing(output.path()));
    BufferedSink buffered(sink);
    std::unique_ptr<GzipSink> packed;
    if (target.extension() == ".gz") packed = std::make_unique<GzipSink>(buffered);
    ByteSink& end = packed ? static_cast<ByteSink&>(*packed) : static_cast<ByteSink&>(buffered);
    const auto writer = write_rows(to.format, end, reading);
    Losses losses(to.format, converted);
    for (Row row; reader->read(row); ++converted.rows) {
      losses.fit(row);
      writer->write(row);
    }
    losses.end(*reader);
    writer->finish();
    if (packed) packed->finish();
    buffered.finish();
  }
  output.commit();
  return converted;
}

}  // namespace millrace::cli
