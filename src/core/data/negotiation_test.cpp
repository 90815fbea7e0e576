#include "core/data/negotiation.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/base/error.h"

namespace millrace {
namespace {

constexpr std::array kOffered{DataFormat::JsonDocument, DataFormat::JsonLines, DataFormat::Csv};

std::string accepted(std::string_view accept) {
  const ContentType type = choose_accepted(accept, kOffered, "Accept");
  return type.media_type + (type.verbose ? ", verbose" : "");
}

/// Code and text of what is thrown.
template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    return error.code() + ": " + error.what();
  }
  return "accepted";
}

TEST(Negotiation, NothingAndWildcardsMeanTheFirstThatIsOffered) {
  for (const char* any : {"", " ", "*/*", "*/*;q=0.5", "application/*", ","})
    EXPECT_EQ(accepted(any), "application/json") << any;
  EXPECT_EQ(accepted("text/*"), "text/csv");
}

TEST(Negotiation, ParametersOfTheTypeStay) {
  EXPECT_EQ(accepted("application/json; verbose=true"), "application/json, verbose");
  EXPECT_EQ(accepted("Application/JSON;verbose=true;q=0.3"), "application/json, verbose");
}

TEST(Negotiation, OfAListTheHeaviestThatIsOfferedIsChosenAndTheFirstOfEqualOnes) {
  EXPECT_EQ(accepted("application/json, text/plain, */*"), "application/json");
  EXPECT_EQ(accepted("image/png, text/csv, application/json"), "text/csv");
  EXPECT_EQ(accepted("application/json;q=0.2, text/csv;q=0.9"), "text/csv");
  EXPECT_EQ(accepted("text/csv;q=0, application/jsonlines;q=0.001"), "application/jsonlines");
}

TEST(Negotiation, WhatIsNotOfferedIsRefusedWithWhatIs) {
  EXPECT_EQ(refusal([] { accepted("application/jsn"); }),
            "NotAcceptable: Accept: got \"application/jsn\", expected one of application/json, "
            "application/jsonlines, text/csv. Did you mean 'application/json'?");
  EXPECT_EQ(refusal([] { accepted("text/csv;q=0"); }).substr(0, 14), "NotAcceptable:");
  EXPECT_EQ(refusal([] { accepted("text/csv;q=much"); }).substr(0, 14), "NotAcceptable:");
  EXPECT_NE(refusal([] { accepted("application/json; verbose=perhaps"); }).find("true or false"),
            std::string::npos);
}

TEST(Negotiation, AContentTypeMustBeUnderstood) {
  EXPECT_EQ(require_content_type("text/csv;label_size=1", kOffered, "Content-Type").label_size, 1);
  for (const char* unknown : {"", "*/*", "text/*", "image/png", "text/csvx"}) {
    EXPECT_EQ(
        refusal([&] { require_content_type(unknown, kOffered, "Content-Type"); }).substr(0, 21),
        "UnsupportedMediaType:")
        << unknown;
  }
  EXPECT_EQ(
      refusal([] { require_content_type("text/csv;label_size=x", kOffered, "type"); }).substr(0, 2),
      ": ");
}

}  // namespace
}  // namespace millrace
