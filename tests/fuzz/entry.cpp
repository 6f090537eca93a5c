#include <cstddef>
#include <cstdint>

int FUZZ_BODY(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return FUZZ_BODY(bytes, size);
}
