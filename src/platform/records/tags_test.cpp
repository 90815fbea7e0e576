#include "platform/records/tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/records/temporary_database.h"

namespace millrace::records {
namespace {

using ::testing::ElementsAre;

TEST(TagTable, KeysAreOrderedReplacedAndFoundWhateverTheCaseOfTheArn) {
  TemporaryDatabase records;
  records.database().write([](Connection& transaction) {
    TagTable table(transaction);
    table.put("1", "arn:Job", {.key = "b", .value = "1"});
    table.put("1", "arn:job", {.key = "a", .value = "2"});
    table.put("1", "ARN:JOB", {.key = "b", .value = "3"});
    EXPECT_EQ(table.count("1", "arn:job"), 2);
    EXPECT_THAT(table.list("1", "arn:job", "", 10),
                ElementsAre(TagRow{"a", "2"}, TagRow{"b", "3"}));
    EXPECT_THAT(table.list("1", "arn:job", "a", 10), ElementsAre(TagRow{"b", "3"}));
    table.erase("1", "arn:JOB", "a");
    EXPECT_EQ(table.count("1", "arn:job"), 1);
    EXPECT_EQ(table.count("2", "arn:job"), 0);
  });
}

}  // namespace
}  // namespace millrace::records
