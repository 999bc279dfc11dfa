"""What is there: processes, ports, health, drift; a look changes nothing."""
