#include "trainer/algorithms/image_classification/artifact.h"

#include <cstdio>
#include <functional>
#include <map>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/io/file.h"
#include "core/io/tar_reader.h"
#include "trainer/algorithms/image_classification/symbol.h"

namespace millrace::image_classification {
namespace {

/// The largest network has 65 million weights, 260 MB; this leaves room for a very wide last layer.
constexpr std::size_t kMaxModelBytes = std::size_t{4} << 30;
constexpr std::string_view kShapesFile = "model-shapes.json";
constexpr std::string_view kSymbolEnding = "-symbol.json";
constexpr std::string_view kParamsEnding = ".params";
constexpr std::string_view kProgressEnding = "-progress.json";

/// The parts of an artifact we need, by file name; of several .params only the last in order of
/// name.
class Parts {
 public:
  void take(const std::string& name, const std::function<std::string()>& read) {
    if (name == kShapesFile)
      shapes_ = read();
    else if (name.ends_with(kSymbolEnding))
      symbol_ = read();
    else if (name.ends_with(kProgressEnding))
      progress_ = read();
    else if (name.ends_with(kParamsEnding) && name > params_name_) {
      params_name_ = name;
      params_ = read();
    }
  }

  SavedModel assemble(const std::string& origin) const {
    for (const auto& [text, what] : {std::pair{&shapes_, "model-shapes.json"},
                                     {&symbol_, "a -symbol.json file"},
                                     {&params_, "a .params file"}}) {
      if (text->empty()) {
        throw Error(Blame::Customer,
                    Problem{.where = origin,
                            .given = {},
                            .expected = std::string(what) + " inside",
                            .fix = "Use the model.tar.gz of an image-classification job."});
      }
    }
    SavedModel model;
    model.graph = parse_symbol(parse_json(symbol_, origin), origin);
    model.input = input_shape(parse_json(shapes_, std::string(kShapesFile)));
    model.arrays = read_ndarray_list(params_, params_name_);
    model.file = params_name_;
    if (!progress_.empty()) model.progress = progress_of(progress_, origin);
    return model;
  }

 private:
  static Progress progress_of(const std::string& text, const std::string& origin) {
    const std::string place = origin + ", the " + std::string(kProgressEnding) + " file";
    const Json json = parse_json(text, place);
    const Progress progress{.epochs = require_int(json, "epochs", place),
                            .updates = require_int(json, "updates", place)};
    if (progress.epochs >= 0 && progress.updates >= 0) return progress;
    throw Error(Blame::Customer, Problem{.where = place,
                                         .given = text,
                                         .expected = "epochs and updates of at least 0",
                                         .fix = "Remove the file: training starts at epoch 0."});
  }

  static ImageShape input_shape(const Json& shapes) {
    const bool fine = shapes.is_array() && shapes.size() == 1 && shapes[0].is_object() &&
                      shapes[0].contains("shape") && shapes[0]["shape"].is_array() &&
                      shapes[0]["shape"].size() == 4;
    std::string text;
    for (int i = 1; fine && i < 4; ++i)
      text += (i > 1 ? "," : "") + shapes[0]["shape"][static_cast<std::size_t>(i)].dump();
    const std::optional<ImageShape> shape = parse_image_shape(text);
    if (!shape) {
      throw Error(
          Blame::Customer,
          Problem{.where = std::string(kShapesFile),
                  .given = to_text(shapes),
                  .expected = R"([{"shape": [1, channels, height, width], "name": "data"}])",
                  .fix = {}});
    }
    return *shape;
  }

  std::string shapes_, symbol_, params_, params_name_, progress_;
};

}  // namespace

std::string params_file_name(const std::string& prefix, std::int64_t epoch) {
  char number[24];
  std::snprintf(number, sizeof number, "-%04lld", static_cast<long long>(epoch));
  return prefix + number + std::string(kParamsEnding);
}

void write_network(const std::filesystem::path& directory, const std::string& prefix,
                   const Graph& graph, const ImageShape& input) {
  std::filesystem::create_directories(directory);
  write_file_durably(directory / (prefix + std::string(kSymbolEnding)), symbol_json(graph).dump(2));
  const Json shapes = Json::array(
      {{{"shape", Json::array({1, input.channels, input.height, input.width})}, {"name", "data"}}});
  write_file_durably(directory / std::string(kShapesFile), to_text(shapes));
}

void write_progress(const std::filesystem::path& directory, const std::string& prefix,
                    const Progress& progress) {
  write_file_durably(directory / (prefix + std::string(kProgressEnding)),
                     to_text(Json{{"epochs", progress.epochs}, {"updates", progress.updates}}));
}

void write_arrays(const std::filesystem::path& file, const std::vector<NamedArray>& arrays) {
  StringSink sink;
  write_ndarray_list(sink, arrays);
  write_file_durably(file, sink.text());
}

std::vector<NamedArray> read_arrays(const std::filesystem::path& file) {
  return read_ndarray_list(read_file(file, kMaxModelBytes), file.filename().string());
}

SavedModel read_model(const std::filesystem::path& path) {
  Parts parts;
  if (std::filesystem::is_directory(path)) {
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (!entry.is_regular_file()) continue;
      parts.take(entry.path().filename().string(),
                 [&] { return read_file(entry.path(), kMaxModelBytes); });
    }
    return parts.assemble(path.string());
  }
  FdSource file(open_for_reading(path));
  std::optional<GzipSource> unpacked;
  if (path.extension() != ".tar") unpacked.emplace(file, path.string());
  TarReader tar(unpacked ? static_cast<ByteSource&>(*unpacked) : file, path.string());
  while (const std::optional<TarMember> member = tar.next()) {
    parts.take(std::filesystem::path(member->name).filename().string(),
               [&] { return read_all(tar, kMaxModelBytes, member->name); });
  }
  return parts.assemble(path.string());
}

}  // namespace millrace::image_classification
