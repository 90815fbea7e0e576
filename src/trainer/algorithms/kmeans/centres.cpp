#include "trainer/algorithms/kmeans/centres.h"

#include <cmath>
#include <string>

#include "core/base/error.h"
#include "core/data/ndarray_list.h"
#include "core/io/file.h"
#include "trainer/tabular/model_files.h"

namespace millrace::kmeans {
namespace {

[[noreturn]] void refuse(std::string given, std::string expected) {
  throw Error(Blame::Customer, Problem{.where = std::string(kModelFile),
                                       .given = std::move(given),
                                       .expected = std::move(expected),
                                       .fix = "Use the model.tar.gz of a kmeans job."});
}

}  // namespace

void write_model(const std::filesystem::path& directory, const Centres& centres) {
  StringSink sink;
  write_ndarray_list(
      sink, {{.name = {}, .shape = {centres.count(), centres.features}, .values = centres.values}});
  std::filesystem::create_directories(directory);
  write_file_durably(directory / kModelFile, sink.text());
}

Centres read_model(const std::filesystem::path& path) {
  std::vector<NamedArray> arrays =
      read_ndarray_list(read_model_file(path, kModelFile, "kmeans"), kModelFile);
  if (arrays.size() != 1) refuse(std::to_string(arrays.size()) + " arrays", "one array of centres");
  NamedArray& array = arrays[0];
  if (array.shape.size() != 2 || array.values.empty())
    refuse(std::to_string(array.shape.size()) + " dimensions", "an array of k x features");
  for (const float value : array.values) {
    if (!std::isfinite(value)) refuse("a centre with nan or inf", "finite numbers");
  }
  return {.features = array.shape[1], .values = std::move(array.values)};
}

}  // namespace millrace::kmeans
