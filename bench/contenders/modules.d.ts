// They are installed on the first run of the bench; what is checked must not depend on that.
declare module '@mediabunny/server';
declare module 'mediabunny';
declare module 'node-av';
