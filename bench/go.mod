module bonus-adapter/bench

go 1.26.0
