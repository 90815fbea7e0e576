#include "trainer/main/model_card.h"

#include "core/io/file.h"
#include "core/json/json.h"
#include "trainer/tabular/model_files.h"

namespace millrace {
namespace {

constexpr const char* kFile = "algorithm.json";
constexpr const char* kMember = "algorithm";

}  // namespace

void write_model_card(const std::filesystem::path& directory, const std::string& algorithm) {
  if (std::filesystem::is_empty(directory)) return;
  write_file_durably(directory / kFile, to_text(Json{{kMember, algorithm}}) + "\n");
}

std::optional<std::string> read_model_card(const std::filesystem::path& model) {
  const std::optional<std::string> text = find_model_file(model, kFile);
  if (!text) return std::nullopt;
  return require_string(parse_json(*text, kFile), kMember, kFile);
}

}  // namespace millrace
