# cmake -D OUT=FILE.cpp -D FOLDER=openapi -P embed.cmake: its parts as constants, so that the daemon needs no file beside it.
file(GLOB parts "${FOLDER}/*.json")
set(text "#include \"daemon/doors/openapi.h\"\n\nnamespace klaxon::doors {\n\nstd::vector<std::string_view> openapi_parts() {\n  return {\n")
foreach(part IN LISTS parts)
  file(READ "${part}" json)
  string(APPEND text "R\"part(${json})part\",\n")
endforeach()
string(APPEND text "  };\n}\n\n}  // namespace klaxon::doors\n")
file(WRITE "${OUT}" "${text}")
