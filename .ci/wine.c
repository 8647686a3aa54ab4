/* Programs for .ci/try-wine, built by x86_64-w64-mingw32-gcc.

   -DSTUB    bcryptprimitives.dll with the one function that Go programs need of it
             and that Wine 8 lacks.
   else      events.exe: prints the text of events 1000 and 1999 of the source
             Reconvene as the Event Viewer finds it: the registry names the file with
             the message table, and the table has the text. */
#include <windows.h>
#include <ntsecapi.h>
#include <stdio.h>

#ifdef STUB
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return RtlGenRandom(data, (ULONG)size); }
#else
int main(void)
{
    static const DWORD ids[] = {1000, 1999};
    char file[MAX_PATH], text[1000];
    char *values[] = {"the text of an event"};
    DWORD i, size = sizeof file;
    HMODULE module;

    if (RegGetValueA(HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Reconvene",
                     "EventMessageFile", RRF_RT_REG_SZ, NULL, file, &size) != ERROR_SUCCESS)
        return printf("the source Reconvene is not registered\n"), 1;
    module = LoadLibraryExA(file, NULL, LOAD_LIBRARY_AS_DATAFILE);
    if (!module)
        return printf("%s cannot be loaded\n", file), 1;
    for (i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (!FormatMessageA(FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ARGUMENT_ARRAY, module, ids[i], 0, text, sizeof text, (va_list *)values))
            return printf("%s has no text for event %lu\n", file, ids[i]), 1;
        printf("%lu %s", ids[i], text);
    }
    return 0;
}
#endif
