#pragma once

#include <string>

#include "core/base/text.h"
#include "trainer/algorithms/linear_learner/algorithm.h"
#include "trainer/algorithms/linear_learner/linear_model.h"
#include "trainer/algorithms/linear_learner/tensors/tensor_algorithm.h"
#include "trainer/tabular/tabular_jobs_for_test.h"

namespace millrace::linear_learner {

inline const TabularJobs jobs{.algorithm = algorithm, .train = train};

/// Row i of a table that a linear model explains: y = 3 a - 2 b + 5.
struct Example {
  float a, b;
  [[nodiscard]] float target() const { return 3 * a - 2 * b + 5; }
};
inline Example example(int i) {
  return {static_cast<float>(i * 37 % 101) / 10, static_cast<float>(i * 53 % 97) / 10 + 100};
}

/// Lines "label,a,b,7" of rows [begin, end); the last feature never varies.
inline std::string lines(int begin, int end, float (*label)(const Example&)) {
  std::string text;
  for (int i = begin; i < end; ++i) {
    const Example e = example(i);
    text += number_text(static_cast<double>(label(e))) + "," +
            number_text(static_cast<double>(e.a)) + "," + number_text(static_cast<double>(e.b)) +
            ",7\n";
  }
  return text;
}

inline float target(const Example& e) {
  return e.target();
}
inline float is_large(const Example& e) {
  return e.target() > -190 ? 1.0F : 0.0F;
}
inline float third(const Example& e) {
  return e.a < 3 ? 0.0F : e.a < 7 ? 1.0F : 2.0F;
}

inline const Settings kRegressor{{"predictor_type", "regressor"},
                                 {"mini_batch_size", "50"},
                                 {"num_models", "4"},
                                 {"epochs", "20"}};
inline const Settings kBinary{{"predictor_type", "binary_classifier"},
                              {"mini_batch_size", "50"},
                              {"num_models", "4"},
                              {"epochs", "20"}};
inline const Settings kMulticlass{{"predictor_type", "multiclass_classifier"},
                                  {"num_classes", "3"},
                                  {"mini_batch_size", "50"},
                                  {"num_models", "4"},
                                  {"epochs", "20"}};

inline LinearModel model_of(const JobFolder& folder) {
  return read_model(folder.paths().model());
}

}  // namespace millrace::linear_learner
