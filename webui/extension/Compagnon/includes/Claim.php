<?php

namespace MediaWiki\Extension\Compagnon;

use MediaWiki\User\UserIdentity;

/**
 * Says to the service who asks, for one request and a minute: the service believes the wiki, not the browser.
 */
class Claim {

	public const HEADER = 'Compagnon-Claim';

	/**
	 * Sign a request.
	 *
	 * @param string $secret What the wiki and the service share
	 * @param UserIdentity $user Who asks; the address of somebody without an account is not told
	 * @param string $method "GET" or "POST"
	 * @param string $target Path and query, from the service's base address on, as they are sent
	 * @param string $body The body, as it is sent
	 * @return string The value of the header
	 */
	public static function sign(
		string $secret, UserIdentity $user, string $method, string $target, string $body
	): string {
		$payload = self::encode( json_encode( [
			'user' => $user->isRegistered() ? $user->getName() : null,
			'id' => $user->isRegistered() ? $user->getId() : 0,
			'iat' => time(),
			'nonce' => bin2hex( random_bytes( 16 ) ),
			'req' => hash( 'sha256', "$method\n$target\n$body" ),
		], JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR ) );
		return "v1.$payload." . self::encode( hash_hmac( 'sha256', "v1.$payload", $secret, true ) );
	}

	/**
	 * Base64 for addresses and headers, without padding (RFC 4648, section 5).
	 *
	 * @param string $bytes
	 * @return string
	 */
	public static function encode( string $bytes ): string {
		return rtrim( strtr( base64_encode( $bytes ), '+/', '-_' ), '=' );
	}
}
