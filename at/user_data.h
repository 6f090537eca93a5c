// TP-UDL and TP-UD with the header in front of it (23.040 9.2.3.16, 9.2.3.24). Used by the TPDU reader and
// writer.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "at/tpdu.h"

namespace at {

constexpr std::size_t kMaxUserDataOctets = 140;
constexpr std::size_t kMaxUserDataSeptets = 160;

// Never fails: what does not fit is clipped and named in *defects. *at points at TP-UDL and moves past TP-UD.
UserData read_user_data(std::span<const std::uint8_t> octets, std::size_t* at, bool tp_udhi, Alphabet,
                        std::vector<Defect>* defects, std::size_t most_octets = kMaxUserDataOctets);
// TP-UDL and TP-UD at the end of *octets, which stays as it is on an error: they are too long or hold what the
// alphabet does not.
std::optional<CodecError> append_user_data(const UserData&, bool tp_udhi, Octets* octets);

// Octets that a TP-UDL stands for.
std::size_t user_data_octets(std::size_t tp_udl, Alphabet);

// UDHL and elements at octets[0], which is at offset of the PDU; gives the octets that they take, or 0 (and a defect)
// when UDHL leads out of TP-UD.
std::size_t read_udh(const std::uint8_t* octets, std::size_t size, std::size_t offset,
                     std::vector<InformationElement>*, std::vector<Defect>* defects);
// Fills what the elements say: concat, ports, tables.
void understand_udh(UserData*);
// With UDHL in front. Precondition: what it gives fits in TP-UD; the caller checks the size.
Octets write_udh(const std::vector<InformationElement>&);
// What a header of so many octets costs before the next septet boundary (23.040 9.2.3.24).
std::size_t header_septets(std::size_t header_octets);
int fill_bits(std::size_t header_octets);

// "1 octet", "12 octets"
std::string count_octets(std::size_t);

}  // namespace at
