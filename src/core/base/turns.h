#pragma once

#include <semaphore>

namespace millrace {

/// So many threads at once, the others wait: for work that keeps a core busy and takes much memory.
///
///     Turns turns(cores);
///     const Turns::Turn turn(turns);  // until the end of the block
class Turns {
 public:
  explicit Turns(int at_once) : free_(at_once) {}

  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(turns) { turns_.free_.acquire(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { turns_.free_.release(); }

   private:
    Turns& turns_;
  };

 private:
  std::counting_semaphore<> free_;
};

}  // namespace millrace
