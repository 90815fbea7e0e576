#include "platform/aws/pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/error.h"
#include "generated/aws/services.h"
#include "platform/aws/validate.h"

namespace millrace::aws {
namespace {

TEST(Pattern, MatchesTheWholeTextOnly) {
  const Pattern name("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}");
  EXPECT_TRUE(name.matches("Job-1"));
  EXPECT_TRUE(name.matches("a--b"));
  EXPECT_FALSE(name.matches("a-"));
  EXPECT_FALSE(name.matches("-a"));
  EXPECT_FALSE(name.matches("a b"));
  EXPECT_FALSE(name.matches("a\n"));
  EXPECT_FALSE(name.matches(""));
}

TEST(Pattern, AlternativesAreTriedForTheWholeText) {
  const Pattern uri("(https|s3)://([^/]+)/?(.*)");
  EXPECT_TRUE(uri.matches("s3://bucket"));
  EXPECT_TRUE(uri.matches("https://host/path"));
  EXPECT_FALSE(uri.matches("http://host/path"));
}

TEST(Pattern, TheDotStopsAtEveryLineEnd) {
  const Pattern any(".+");
  EXPECT_TRUE(any.matches("one line"));
  EXPECT_FALSE(any.matches("two\nlines"));
  EXPECT_FALSE(any.matches("two\xE2\x80\xA8lines"));
}

TEST(Pattern, UnderstandsJavaSpellings) {
  EXPECT_TRUE(Pattern("arn:[\\p{Alnum}\\-]+").matches("arn:aws-cn"));
  EXPECT_FALSE(Pattern("arn:\\p{Alnum}+").matches("arn:aws-cn"));
  EXPECT_TRUE(Pattern("\\p{ASCII}*").matches("text/csv; charset=utf-8\t"));
  EXPECT_FALSE(Pattern("\\p{ASCII}*").matches("text/\u00e9"));
  EXPECT_TRUE(Pattern("\\A\\S[\\p{Print}]*\\z").matches("model-a.tar.gz b"));
  EXPECT_FALSE(Pattern("\\A\\S[\\p{Print}]*\\z").matches("model\u00e9"));
  EXPECT_TRUE(Pattern("[\\u0020-\\u00FF]*").matches("caf\xC3\xA9"));
  EXPECT_FALSE(Pattern("[\\u0020-\\u007E]*").matches("caf\xC3\xA9"));
}

TEST(Pattern, CountsLettersOfEveryScript) {
  const Pattern tag("([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)");
  EXPECT_TRUE(tag.matches("Stra\xC3\x9F"
                          "e 7"));
  EXPECT_FALSE(tag.matches("no#hash"));
}

TEST(Pattern, RefusesTextThatIsNotUtf8) { EXPECT_FALSE(Pattern(".*").matches("\xC3")); }

TEST(Pattern, GivesUpOnTextThatWouldTakeForever) {
  EXPECT_FALSE(Pattern("(a+)+b").matches(std::string(5000, 'a')));
  EXPECT_FALSE(Pattern("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}").matches("a" + std::string(5000, '-')));
}

TEST(Pattern, NamesAPatternThatDoesNotCompile) {
  try {
    const Pattern broken("[a-z");
    FAIL() << "compiled";
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Platform);
    EXPECT_NE(std::string(error.what()).find("pattern '[a-z'"), std::string::npos) << error.what();
  }
}

TEST(Pattern, EveryPatternOfAnAnsweredOperationCompiles) {
  std::size_t operations = 0;
  for (const Service* service : wire::services()) {
    for (const Operation& operation : service->operations) {
      if (operation.input == nullptr) continue;
      Validator validator;
      EXPECT_NO_THROW(validator.prepare(*operation.input)) << service->name << " " << operation.name;
      ++operations;
    }
  }
  EXPECT_GT(operations, 40U);
}

}  // namespace
}  // namespace millrace::aws
