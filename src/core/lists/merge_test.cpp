#include "core/lists/merge.h"

#include <gmock/gmock.h>

#include "core/lists/rows_for_test.h"

namespace millrace::lists {
namespace {

struct Told {
  std::string rows;
  std::string conflicts;
  bool settled = false;
};

Told merged(const char* base_text, const char* ours_text, const char* theirs_text,
            Prefer prefer = Prefer::Nobody) {
  const List base = list_of(base_text), ours = list_of(ours_text), theirs = list_of(theirs_text);
  const Merge result = merge(base.rows(), ours.rows(), theirs.rows(), prefer);
  Told told{.rows = text_of(result.rows), .settled = result.settled(prefer)};
  for (const Conflict& conflict : result.conflicts)
    told.conflicts +=
        std::string(told.conflicts.empty() ? "" : " ") + std::string(name_of(conflict.kind));
  return told;
}

TEST(Merge, TakesWhatEitherChanged) {
  const Told told = merged("0 1 a;1 1 b;2 1 c;3 1 d",    //
                           "0 2 a;1 1 b;3 1 d;4 5 new",  // a relabelled, c removed, new added
                           "0 1 a;1 3 b;2 1 c;9 6 more");
  EXPECT_EQ(told.rows, "0 2 a;1 3 b;4 5 new;9 6 more");
  EXPECT_EQ(told.conflicts, "");
  EXPECT_TRUE(told.settled);
}

TEST(Merge, AChangeThatBothMadeCountsOnce) {
  const Told told = merged("0 1 a;1 1 b", "0 2 a;2 3 c", "0 2 a;7 3 c");
  EXPECT_EQ(told.rows, "0 2 a;2 3 c");
  EXPECT_EQ(told.conflicts, "");
}

TEST(Merge, ARelabelledRowThatTheOtherMovedIsBoth) {
  const Told told = merged("0 1 cats/x.jpg", "0 2 cats/x.jpg", "0 1 dogs/x.jpg");
  EXPECT_EQ(told.rows, "0 2 dogs/x.jpg");
  EXPECT_EQ(told.conflicts, "");
}

TEST(Merge, ConflictsAreNamed) {
  EXPECT_EQ(merged("0 1 a", "0 2 a", "0 3 a").conflicts, "labels");
  EXPECT_EQ(merged("0 1 a/x", "0 1 b/x", "0 1 c/x").conflicts, "path");
  EXPECT_EQ(merged("0 1 a", "", "0 3 a").conflicts, "removed");
  EXPECT_EQ(merged("0 1 a", "0 3 a", "").conflicts, "removed");
  EXPECT_EQ(merged("", "0 1 a", "0 2 a").conflicts, "added");
  EXPECT_EQ(merged("0 1 a/x", "0 1 b/x", "0 1 a/x;1 2 b/x").conflicts, "taken");
  EXPECT_EQ(merged("0 1 a/x", "0 1 a/x;1 2 b/x", "0 1 b/x").conflicts, "taken");
}

TEST(Merge, ConflictsAreSettledForWhomIsPreferred) {
  EXPECT_EQ(merged("0 1 a", "0 2 a", "0 3 a", Prefer::Ours).rows, "0 2 a");
  EXPECT_EQ(merged("0 1 a", "0 2 a", "0 3 a", Prefer::Theirs).rows, "0 3 a");
  EXPECT_EQ(merged("0 1 a", "", "0 3 a", Prefer::Ours).rows, "");
  EXPECT_EQ(merged("0 1 a", "", "0 3 a", Prefer::Theirs).rows, "0 3 a");
  EXPECT_EQ(merged("0 1 a", "0 3 a", "", Prefer::Theirs).rows, "");
  EXPECT_EQ(merged("", "0 1 a", "0 2 a", Prefer::Theirs).rows, "0 2 a");
  EXPECT_TRUE(merged("0 1 a", "0 2 a", "0 3 a", Prefer::Theirs).settled);
  EXPECT_FALSE(merged("0 1 a", "0 2 a", "0 3 a").settled);
  EXPECT_FALSE(merged("0 1 a/x", "0 1 b/x", "0 1 a/x;1 2 b/x", Prefer::Ours).settled);
}

TEST(Merge, TheirAddedRowsGetIndicesOfTheirOwn) {
  EXPECT_EQ(merged("0 1 a", "0 1 a;1 2 ours", "0 1 a;1 3 theirs;2 3 more").rows,
            "0 1 a;1 2 ours;2 3 theirs;3 3 more");
}

TEST(Merge, AnIndexTheyGaveARowIsNotTwoRows) {
  // They numbered the list from 1 while we appended with the next index.
  EXPECT_EQ(merged("0 1 a;1 1 b", "0 1 a;1 1 b;2 2 ours", "1 1 a;2 1 b").rows,
            "1 1 a;3 1 b;2 2 ours");
  EXPECT_EQ(merged("0 1 a;1 1 b;2 1 c", "2 1 a;1 1 b;0 1 c", "1 1 a;2 1 b;0 1 c").rows,
            "2 1 a;3 1 b;0 1 c");
  EXPECT_EQ(merged("0 1 a;1 1 b", "1 1 b;2 2 ours", "2 7 a;1 1 b", Prefer::Theirs).rows,
            "1 1 b;2 2 ours;3 7 a");
}

TEST(Merge, RowsThatNobodyChangedStayAsTheyStood) {
  EXPECT_EQ(merged("0 1.00 a;1 1 b", "0 1.00 a;1 1 b", "0 1.00 a;1 2.0 b").rows,
            "0 1.00 a;1 2.0 b");
}

}  // namespace
}  // namespace millrace::lists
