/* One empty file for every executable: main is libFuzzer's, LLVMFuzzerTestOneInput is in the Swift module beside it. SwiftPM wants a
   main in each Swift executable, and in C ones it does not look. */
