#include "trainer/main/chosen_model.h"

#include <cstdlib>

#include "core/base/error.h"
#include "trainer/main/model_card.h"
#include "trainer/main/tensor_half.h"

namespace millrace {

const Algorithm& algorithm_of(const Options& options, const std::filesystem::path& model) {
  if (const auto given = options.find("--algorithm"); given != options.end())
    return find_algorithm(all_algorithms(), given->second);
  if (const char* const variable = std::getenv("MILLRACE_ALGORITHM"))
    return find_algorithm(all_algorithms(), variable);
  if (const auto known = read_model_card(model)) return find_algorithm(all_algorithms(), *known);
  throw Error(Blame::Customer,
              Problem{.where = "--model",
                      .given = model.filename().string(),
                      .expected = "a model that says which algorithm made it",
                      .fix = "Name the algorithm with --algorithm, for example linear-learner."});
}

std::unique_ptr<Scorer> load_model(const Algorithm& algorithm, const std::filesystem::path& model) {
  const auto load =
      algorithm.load != nullptr ? algorithm.load : load_tensor_half(algorithm.name).load;
  if (load != nullptr) return load(model);
  throw Error(Blame::Customer, Problem{.where = "model",
                                       .given = algorithm.name,
                                       .expected = "an algorithm whose models answer requests",
                                       .fix = {}});
}

}  // namespace millrace
