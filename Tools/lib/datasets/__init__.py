"""The recorded data sets of the scenarios in Firmware-config."""
