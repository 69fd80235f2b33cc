module dev.vertxmicro/events

go 1.24
