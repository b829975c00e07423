# SPDX-License-Identifier: BSD-2-Clause
# fish completion of brig(8). brig-complete knows what there is; this only asks it.

function __brig_candidates
    for line in (%%PREFIX%%/libexec/brig/brig-complete (commandline -opc) (commandline -ct) 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end

complete -c brig -f -a '(__brig_candidates)'
