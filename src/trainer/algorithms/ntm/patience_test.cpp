#include "trainer/algorithms/ntm/patience.h"

#include <gtest/gtest.h>

namespace millrace::ntm {
namespace {

TEST(Patience, ComparesOnceItsWindowIsFull) {
  Patience patience(3, 0.1);
  for (const double loss : {7.4, 7.3, 7.2}) EXPECT_FALSE(patience.after_epoch(loss).compared);
  const Patience::Verdict verdict = patience.after_epoch(7.0);
  EXPECT_TRUE(verdict.compared);
  EXPECT_EQ(verdict.losses, (std::vector<double>{7.4, 7.3, 7.2}));
  EXPECT_EQ(verdict.least, 7.2);
  EXPECT_FALSE(verdict.bad);
}

TEST(Patience, ADropBelowTheToleranceIsBadAndOneThatReachesItIsNot) {
  Patience patience(1, 0.25);
  (void)patience.after_epoch(8);
  EXPECT_TRUE(patience.after_epoch(7.8).bad);
  EXPECT_FALSE(patience.after_epoch(7.5).bad);
  EXPECT_EQ(patience.bad_epochs(), 0);
}

TEST(Patience, TheWindowForgetsItsLeastLoss) {
  Patience patience(2, 0.001);
  for (const double loss : {5.0, 9.0}) (void)patience.after_epoch(loss);
  EXPECT_TRUE(patience.after_epoch(8).bad);   // against 5 and 9
  EXPECT_FALSE(patience.after_epoch(7).bad);  // against 9 and 8
}

TEST(Patience, StopsWhenBadEpochsExceedIt) {
  Patience patience(2, 0.001);
  int epochs = 0;
  while (!patience.after_epoch(7).stop) ++epochs;
  // Two fill the window, two bad ones are borne, the third stops.
  EXPECT_EQ(epochs, 4);
}

TEST(Patience, GoesOnFromWhatACheckpointKept) {
  Patience whole(2, 0.001), part(2, 0.001);
  for (const double loss : {7.0, 6.0, 6.5}) {
    (void)whole.after_epoch(loss);
    (void)part.after_epoch(loss);
  }
  Patience resumed(2, 0.001);
  resumed.resume(part.losses(), part.bad_epochs());
  EXPECT_EQ(resumed.after_epoch(6.4).least, whole.after_epoch(6.4).least);
  EXPECT_EQ(resumed.bad_epochs(), whole.bad_epochs());
}

}  // namespace
}  // namespace millrace::ntm
