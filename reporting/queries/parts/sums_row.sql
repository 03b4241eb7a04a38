intHash64(bitXor(cityHash64(unit_code), version))
