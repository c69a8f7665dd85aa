-- grain: one thing that one source can or cannot carry
-- key: source, capability
select source, capability, is_available
from meta.capabilities
