#include "trainer/algorithms/knn/metadata.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::knn {
namespace {

/// The published example of this file.
constexpr const char* kPublished =
    R"({"k": 5, "predictor_type": "classifier", "dimension_reduction": {"type": "sign", "seed": 3,
        "target_dim": 10, "input_dim": 20}, "normalize": false, "version": "1.0"})";

TEST(Metadata, ReadsThePublishedForm) {
  const Metadata metadata = parse_metadata(kPublished);
  EXPECT_EQ(metadata.k, 5);
  EXPECT_EQ(metadata.predictor, PredictorType::Classifier);
  ASSERT_TRUE(metadata.reduction);
  EXPECT_EQ(*metadata.reduction,
            (Reduction{.type = ReductionType::Sign, .seed = 3, .target_dim = 10, .input_dim = 20}));
  EXPECT_FALSE(metadata.normalize);
}

TEST(Metadata, ReadsWhatItWrites) {
  for (const Metadata& metadata :
       {Metadata{.k = 3, .predictor = PredictorType::Regressor, .normalize = true, .features = 7},
        Metadata{.k = 1,
        .reduction = Reduction{.type = ReductionType::Fjlt,
                     .seed = 9'007'199'254'740'992,
                     .target_dim = 2,
                     .input_dim = 9},
        .features = 9}}) {
    EXPECT_EQ(parse_metadata(format_metadata(metadata)), metadata);
  }
}

std::string refusal(const std::string& text) {
  try {
    (void)parse_metadata(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.what();
  }
  return "accepted";
}

TEST(Metadata, NamesTheMemberThatWasEditedWrongly) {
  EXPECT_NE(refusal(R"({"k": 0, "predictor_type": "classifier"})")
                .find("model_algo-1.json, member 'k': got \"0\""),
            std::string::npos);
  EXPECT_NE(refusal(R"({"k": "5", "predictor_type": "classifier"})").find("member 'k'"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"k": 5, "predictor_type": "classify"})").find("member 'predictor_type'"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"predictor_type": "classifier"})").find("'k'"), std::string::npos);
  EXPECT_NE(refusal(R"({"k": 5, "predictor_type": "regressor", "normalize": 1})")
                .find("member 'normalize'"),
            std::string::npos);
  EXPECT_NE(refusal("{").find("model_algo-1.json"), std::string::npos);
}

TEST(Labels, AreFloat32WithoutAHeader) {
  const std::string bytes = format_labels(std::vector<float>{1, -2.5F});
  EXPECT_EQ(bytes, std::string("\x00\x00\x80\x3f\x00\x00\x20\xc0", 8));
  EXPECT_EQ(parse_labels(bytes, 2), (std::vector<float>{1, -2.5F}));
  EXPECT_THROW((void)parse_labels(bytes, 3), Error);
}

}  // namespace
}  // namespace millrace::knn
