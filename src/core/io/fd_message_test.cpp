#include "core/io/fd_message.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace millrace {
namespace {

struct Pair {
  Pair() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ours = Fd(ends[0]);
    theirs = Fd(ends[1]);
  }
  Fd ours;
  Fd theirs;
};

TEST(FdMessage, ADescriptorArrivesWithTheBytesAndIsAnotherOneForTheSameFile) {
  const Pair pair;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  ASSERT_TRUE(send_with_fd(pair.ours.get(), "c", writer.get()));
  std::array<char, 8> buffer;
  const auto message = receive_with_fd(pair.theirs.get(), buffer);
  ASSERT_TRUE(message && message->fd);
  EXPECT_EQ(message->length, 1U);
  EXPECT_EQ(buffer[0], 'c');
  EXPECT_NE(message->fd.get(), writer.get());
  EXPECT_NE(::fcntl(message->fd.get(), F_GETFD) & FD_CLOEXEC, 0) << "no program inherits it";
  writer.close();
  ASSERT_EQ(::write(message->fd.get(), "x", 1), 1);
  EXPECT_EQ(::read(reader.get(), buffer.data(), buffer.size()), 1);
}

TEST(FdMessage, BytesTravelWithoutADescriptorToo) {
  const Pair pair;
  ASSERT_TRUE(send_with_fd(pair.ours.get(), "reason", -1));
  std::array<char, 8> buffer;
  const auto message = receive_with_fd(pair.theirs.get(), buffer);
  ASSERT_TRUE(message);
  EXPECT_EQ(std::string_view(buffer.data(), message->length), "reason");
  EXPECT_FALSE(message->fd);
}

TEST(FdMessage, ThePeersEndIsAMessageOfNoBytesAndSendingToItFails) {
  Pair pair;
  pair.theirs.close();
  std::array<char, 8> buffer;
  const auto message = receive_with_fd(pair.ours.get(), buffer);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->length, 0U);
  EXPECT_FALSE(send_with_fd(pair.ours.get(), "c", -1));
  EXPECT_EQ(errno, EPIPE);
}

}  // namespace
}  // namespace millrace
