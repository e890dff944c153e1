/*
 * lab_main.c - the lab's commands as a program of their own, for tests of the lab alone.
 */
#include "farshore/lab/lab.h"

int main(int argc, char **argv)
{
    return lab_command(argc - 1, argv + 1);
}
